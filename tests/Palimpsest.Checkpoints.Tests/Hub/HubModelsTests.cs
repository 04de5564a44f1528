using System.Security.Cryptography;
using System.Text;
using Palimpsest.TestKit;

namespace Palimpsest.Checkpoints.Tests;

public sealed class HubModelsTests : IDisposable
{
    private readonly TemporaryFolder _cache = new();
    private readonly FakeHub _hub = new();

    public void Dispose()
    {
        _hub.Dispose();
        _cache.Dispose();
    }

    [Fact]
    public async Task A_model_is_brought_into_the_layout_of_the_shared_cache()
    {
        Publish("a/b", ("config.json", "{}"), ("model.safetensors", "weights"), ("pytorch_model.bin", "code"));
        var folder = await GetAsync("a/b");
        Assert.Equal(_cache.File("models--a--b", "snapshots", FakeHub.Commit), folder);
        Assert.Equal(["config.json", "model.safetensors"], Directory.GetFiles(folder).Select(Path.GetFileName).Order());
        Assert.Equal("weights", await File.ReadAllTextAsync(Path.Combine(folder, "model.safetensors")));
        Assert.Equal(FakeHub.Commit, await File.ReadAllTextAsync(_cache.File("models--a--b", "refs", "main")));
        var hash = Convert.ToHexStringLower(SHA256.HashData("weights"u8));
        Assert.Equal($"../../blobs/{hash}", new FileInfo(Path.Combine(folder, "model.safetensors")).LinkTarget);
    }

    [Fact]
    public async Task An_adapter_is_its_configuration_and_its_safetensors_alone()
    {
        (string, string)[] both = [("adapter_config.json", "{}"), ("adapter_model.safetensors", "weights")];
        Publish("a/b", [.. both, ("tokenizer.json", "{}"), ("model.safetensors", "merged"), ("x.gguf", "g")]);
        var folder = await GetAdapterAsync("a/b");
        Assert.Equal(
            ["adapter_config.json", "adapter_model.safetensors"],
            Directory.GetFiles(folder).Select(Path.GetFileName).Order()
        );
        _hub.Requests.Clear();
        Assert.Equal(folder, await GetAdapterAsync("a/b", offline: true));
        Assert.Empty(_hub.Requests);

        Publish("a/c", ("adapter_config.json", "{}"), ("adapter_model.bin", "code"));
        await RefusedAsync(GetAdapterAsync("a/c"), "a/c", "no adapter_model.safetensors");
        Publish("a/d", ("config.json", "{}"), ("model.safetensors", "weights"));
        await RefusedAsync(GetAdapterAsync("a/d"), "a/d", "no adapter_config.json");
        await RefusedAsync(GetAdapterAsync("a/b:x.gguf"), "'x.gguf' is no adapter");
    }

    [Fact]
    public async Task What_is_in_the_cache_is_not_brought_again()
    {
        Publish("a/b", ("config.json", "{}"), ("model.safetensors", "weights"));
        await GetAsync("a/b");
        _hub.Requests.Clear();
        await GetAsync("a/b");
        Assert.Equal(["api/models/a/b/revision/main"], _hub.Requests.Select(request => request.Path));
    }

    [Fact]
    public async Task A_broken_download_goes_on_where_it_stopped()
    {
        Publish("a/b", ("model.safetensors", "0123456789"));
        _hub.Breaks = 2;
        var folder = await GetAsync("a/b");
        Assert.Equal("0123456789", await File.ReadAllTextAsync(Path.Combine(folder, "model.safetensors")));
        var asked = _hub.Requests.Where(request => request.Path == "a/b/model.safetensors").Select(r => r.From);
        Assert.Equal([0L, 3L, 6L], asked);
    }

    [Fact]
    public async Task A_download_that_another_process_left_goes_on()
    {
        Publish("a/b", ("model.safetensors", "0123456789"));
        _hub.Breaks = 1;
        await RefusedAsync(GetAsync("a/b", attempts: 1), "a/b", "could not be reached");
        var folder = await GetAsync("a/b");
        Assert.Equal("0123456789", await File.ReadAllTextAsync(Path.Combine(folder, "model.safetensors")));
        Assert.Contains(_hub.Requests, request => request.From == 3);
    }

    [Theory]
    [InlineData("model.safetensors", "WEIGHTS")]
    [InlineData("config.json", "[]")]
    public async Task Content_that_is_not_what_its_hash_says_is_refused_and_thrown_away(string name, string forged)
    {
        Publish("a/b", ("config.json", "{}"), ("model.safetensors", "weights"));
        _hub.Forged["a/b/" + name] = Encoding.UTF8.GetBytes(forged);
        await RefusedAsync(GetAsync("a/b"), "a/b", name, "hashes to");
        Assert.False(File.Exists(_cache.File("models--a--b", "refs", "main")));
        _hub.Forged.Clear();
        var folder = await GetAsync("a/b");
        Assert.Equal("weights", await File.ReadAllTextAsync(Path.Combine(folder, "model.safetensors")));
    }

    [Theory]
    [InlineData("../evil.safetensors")]
    [InlineData("/etc/evil.safetensors")]
    [InlineData("x/../../evil.safetensors")]
    [InlineData("x\\..\\evil.safetensors")]
    [InlineData("C:evil.safetensors")]
    public async Task A_name_that_leaves_the_folder_is_refused(string name)
    {
        Publish("a/b", (name, "weights"));
        await RefusedAsync(GetAsync("a/b"), "rfilename", "leaves the model's folder");
        Assert.Empty(Directory.GetFiles(_cache.Path, "evil*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task The_token_reaches_the_hub_and_nobody_else()
    {
        using var closed = new FakeHub { Token = "secret" };
        closed.Files["a/b/model.safetensors"] = "weights"u8.ToArray();
        await RefusedAsync(GetAsync("a/b", hub: closed), "a/b", "401", "HF_TOKEN");
        closed.Requests.Clear();
        await GetAsync("a/b", hub: closed, token: "secret");
        Assert.True(
            closed.Requests.Single(request => request.Path.StartsWith("api/", StringComparison.Ordinal)).HasToken
        );
        Assert.False(closed.Requests.Single(request => request.Path == "a/b/model.safetensors").HasToken);
    }

    [Fact]
    public async Task A_hub_that_fails_is_asked_again()
    {
        Publish("a/b", ("model.safetensors", "weights"));
        _hub.Failures = 2;
        var logger = new ListLogger<HubModels>();
        await GetAsync("a/b", logger: logger);
        Assert.Equal(3, _hub.Requests.Count(request => request.Path.StartsWith("api/", StringComparison.Ordinal)));
        Assert.Equal([1002, 1002, 1001, 1003], logger.Entries.Select(entry => entry.Event));
        Assert.Contains("Attempt 2 failed (HttpRequestException)", logger.Entries[1].Message, StringComparison.Ordinal);
        Assert.Contains("1 files, 7 bytes, 7 to bring", logger.Entries[2].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_asking_the_hub_the_cached_model_is_found_by_its_revision()
    {
        await RefusedAsync(GetAsync("a/b", offline: true), "a/b", "not in the cache", "HF_HUB_OFFLINE");
        Publish("a/b", ("config.json", "{}"), ("model.safetensors", "weights"));
        var folder = await GetAsync("a/b");
        _hub.Requests.Clear();
        Assert.Equal(folder, await GetAsync("a/b", offline: true));
        Assert.Equal(folder, await GetAsync("a/b@" + FakeHub.Commit, offline: true));
        Assert.Empty(_hub.Requests);
    }

    [Fact]
    public async Task One_of_several_GGUF_files_has_to_be_named_and_all_its_parts_come()
    {
        Publish("a/b", ("x-Q4_0.gguf", "4"), ("x-00001-of-00002.gguf", "one"), ("x-00002-of-00002.gguf", "two"));
        await RefusedAsync(GetAsync("a/b"), "2 GGUF models", "a/b:x-00001-of-00002.gguf");
        var file = await GetAsync("a/b:x-00001-of-00002.gguf");
        Assert.Equal("x-00001-of-00002.gguf", Path.GetFileName(file));
        var names = Directory.GetFiles(Path.GetDirectoryName(file)!).Select(Path.GetFileName).Order();
        Assert.Equal(["x-00001-of-00002.gguf", "x-00002-of-00002.gguf"], names);
        await RefusedAsync(GetAsync("a/b:x-Q4_1.gguf"), "no file 'x-Q4_1.gguf'", "perhaps 'x-Q4_0.gguf'");
    }

    [Fact]
    public async Task A_repository_without_safe_weights_is_refused()
    {
        Publish("a/b", ("config.json", "{}"), ("pytorch_model.bin", "code"));
        await RefusedAsync(GetAsync("a/b"), "a/b", "can run code");
    }

    [Fact]
    public async Task Two_that_ask_at_once_get_the_same_model()
    {
        Publish("a/b", ("config.json", "{}"), ("model.safetensors", new string('w', 5_000_000)));
        var folders = await Task.WhenAll(GetAsync("a/b"), GetAsync("a/b"));
        Assert.Equal(folders[0], folders[1]);
        Assert.Single(_hub.Requests, request => request.Path == "a/b/model.safetensors");
    }

    [Theory]
    [InlineData("a/b", "a/b", "main", null)]
    [InlineData("a/b@v1.0", "a/b", "v1.0", null)]
    [InlineData("a/b@refs/pr/1", "a/b", "refs/pr/1", null)]
    [InlineData("a/b:x.gguf", "a/b", "main", "x.gguf")]
    [InlineData("A-1/b.2@dev:q/x.gguf", "A-1/b.2", "dev", "q/x.gguf")]
    public void A_reference_reads_and_prints_the_same(string text, string repository, string revision, string? file)
    {
        var reference = HubReference.Parse(text);
        Assert.Equal(new HubReference(repository, revision, file), reference);
        Assert.Equal(text, reference.ToString());
    }

    [Theory]
    [InlineData("a")]
    [InlineData("a/b/c")]
    [InlineData("./a")]
    [InlineData("../b")]
    [InlineData("/a/b")]
    [InlineData("a/b@../x")]
    [InlineData("a/b:../x.gguf")]
    [InlineData("a/b:x.bin")]
    [InlineData("")]
    public void A_path_is_no_reference(string text) => Assert.False(HubReference.TryParse(text, out _));

    [Fact]
    public void The_environment_says_where_to_ask_and_keep()
    {
        var variables = new Dictionary<string, string?>
        {
            ["HF_HOME"] = _cache.Path,
            ["HF_ENDPOINT"] = "https://hub.example/",
            ["HF_HUB_OFFLINE"] = "1",
        };
        File.WriteAllText(_cache.File("token"), "saved\n");
        var options = HubOptions.FromEnvironment(variables.GetValueOrDefault);
        Assert.Equal(new Uri("https://hub.example"), options.Endpoint);
        Assert.Equal(_cache.File("hub"), options.CacheFolder);
        Assert.Equal("saved", options.Token);
        Assert.True(options.Offline);
        variables["HF_TOKEN"] = "given";
        variables["HF_HUB_CACHE"] = "/elsewhere";
        variables["HF_HUB_OFFLINE"] = "0";
        options = HubOptions.FromEnvironment(variables.GetValueOrDefault);
        Assert.Equal(("given", "/elsewhere", false), (options.Token, options.CacheFolder, options.Offline));
        variables["HF_ENDPOINT"] = "hub";
        Refusal.Of(() => HubOptions.FromEnvironment(variables.GetValueOrDefault), "HF_ENDPOINT", "'hub'");
    }

    private static async Task RefusedAsync(Task<string> task, params string[] words)
    {
        var error = await Assert.ThrowsAsync<InputException>(() => task);
        Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
    }

    private void Publish(string repository, params (string Name, string Content)[] files)
    {
        foreach (var (name, content) in files)
            _hub.Files[$"{repository}/{name}"] = Encoding.UTF8.GetBytes(content);
    }

    private Task<string> GetAdapterAsync(string text, bool offline = false) =>
        new HubModels(
            new()
            {
                Endpoint = _hub.Address,
                CacheFolder = _cache.Path,
                Offline = offline,
            }
        ).GetAdapterAsync(HubReference.Parse(text));

    private Task<string> GetAsync(
        string text,
        int attempts = 5,
        bool offline = false,
        FakeHub? hub = null,
        string? token = null,
        ListLogger<HubModels>? logger = null
    )
    {
        var options = new HubOptions
        {
            Endpoint = (hub ?? _hub).Address,
            CacheFolder = _cache.Path,
            Token = token,
            Offline = offline,
            Attempts = attempts,
            RetryDelay = TimeSpan.FromMilliseconds(1),
        };
        return new HubModels(options, logger).GetAsync(HubReference.Parse(text));
    }
}
