using System.Text.Json;
using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

public sealed class ModelVerbTests : IDisposable
{
    private static readonly DecoderConfig Config = DecoderConfig.TinyLlama(300, 16, 2, 2, 1, 24);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Info_tells_parameters_memory_and_tokenizer()
    {
        var folder = Saved("a", 1);
        var info = JsonDocument.Parse(await Done("model", "info", folder, "--json")).RootElement;
        Assert.Equal("llama", info.GetProperty("family").GetString());
        Assert.Equal(
            info.GetProperty("parameters").GetInt64() * 4,
            info.GetProperty("memory").GetProperty("float32").GetInt64()
        );
        Assert.Equal("BPE", info.GetProperty("tokenizer").GetProperty("kind").GetString());
        var text = await Done("model", "info", folder);
        Assert.Contains("LlamaForCausalLM", text, StringComparison.Ordinal);
        Assert.Contains("attention", text, StringComparison.Ordinal);
        Assert.Contains("model.safetensors", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Info_tells_what_an_adapter_changes()
    {
        var adapter = Adapter();
        var text = await Done("model", "info", adapter);
        Assert.Contains("DoRA", text, StringComparison.Ordinal);
        Assert.Contains("q_proj", text, StringComparison.Ordinal);
        Assert.Equal(
            3,
            JsonDocument
                .Parse(await Done("model", "info", adapter, "--json"))
                .RootElement.GetProperty("rank")
                .GetInt32()
        );
    }

    [Fact]
    public async Task Convert_writes_a_model_that_answers_with_its_tokenizer_beside_it()
    {
        var source = Saved("a", 1);
        await Done(
            "model",
            "convert",
            source,
            "--out",
            _folder.File("out"),
            "--dtype",
            "bfloat16",
            "--max-shard-size",
            "6KB",
            "--adapter",
            Adapter()
        );
        Assert.True(File.Exists(_folder.File("out", "model.safetensors.index.json")));
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(source, "tokenizer.json")),
            File.ReadAllBytes(_folder.File("out", "tokenizer.json"))
        );
        var info = JsonDocument.Parse(await Done("model", "info", _folder.File("out"), "--json")).RootElement;
        Assert.Equal("bfloat16", info.GetProperty("types")[0].GetProperty("type").GetString());
        await Done("generate", "--model", _folder.File("out"), "--prompt", "some", "--max-new-tokens", "2");
    }

    [Fact]
    public async Task Merge_and_diff_follow_one_another()
    {
        var (a, b) = (Saved("a", 1), Saved("b", 2));
        await Done("model", "merge", a, b, "--out", _folder.File("linear"), "--method", "linear", "--weight", "0");
        await Done("model", "merge", a, b, "--out", _folder.File("slerp"), "--method", "slerp", "--t", "0.4");
        await Done(
            "model",
            "merge",
            b,
            "--base",
            a,
            "--out",
            _folder.File("task"),
            "--method",
            "task-vector",
            "--scale",
            "0.5"
        );
        Assert.Contains(
            "number for number",
            await Done("model", "diff", a, _folder.File("linear")),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "tensors differ",
            await Done("model", "diff", a, _folder.File("slerp")),
            StringComparison.Ordinal
        );
        var whole = Norm(await Done("model", "diff", a, b, "--json"));
        Assert.Equal(whole / 2, Norm(await Done("model", "diff", a, _folder.File("task"), "--json")), 1e-5);

        static double Norm(string json) =>
            JsonDocument
                .Parse(json)
                .RootElement.GetProperty("total")
                .GetProperty("difference")
                .GetProperty("relative_norm")
                .GetDouble();
    }

    [Theory]
    [InlineData("does not exist", "model", "info", "nowhere")]
    [InlineData("'float8' is not one of", "model", "convert", "a", "--out", "x", "--dtype", "float8")]
    [InlineData("'lots' is not a size", "model", "convert", "a", "--out", "x", "--max-shard-size", "lots")]
    [InlineData(
        "'mix' is not one of linear, slerp, task-vector",
        "model",
        "merge",
        "a",
        "b",
        "--out",
        "x",
        "--method",
        "mix"
    )]
    [InlineData(
        "'2' is not a number from 0 to 1",
        "model",
        "merge",
        "a",
        "b",
        "--out",
        "x",
        "--method",
        "linear",
        "--weight",
        "2"
    )]
    [InlineData("has no meaning", "model", "merge", "a", "b", "--out", "x", "--method", "slerp", "--weight", "0.2")]
    [InlineData("--base: is missing", "model", "merge", "a", "b", "--out", "x", "--method", "task-vector")]
    [InlineData("1 models are given", "model", "merge", "a", "--out", "x", "--method", "linear")]
    [InlineData("name another folder", "model", "merge", "a", "b", "--out", "b", "--method", "linear")]
    [InlineData("'model.embed_tokens.weight' is [310, 16], but [300, 16]", "model", "diff", "a", "wide")]
    [InlineData("adapter_config.json: there is no such file", "model", "convert", "a", "--out", "x", "--adapter", "b")]
    public async Task Bad_input_gets_one_line_and_exit_code_2(string part, params string[] arguments)
    {
        Saved("a", 1);
        Saved("b", 2);
        Saved("wide", 3, Config with { VocabularySize = 310 });
        string[] full = [.. arguments.Select(a => a is "a" or "b" or "x" or "wide" or "nowhere" ? _folder.File(a) : a)];
        var (code, _, error) = await InProcess.RunAsync(full);
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains(part, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
        Assert.False(Directory.Exists(_folder.File("x")));
    }

    [Fact]
    public async Task The_hash_of_a_file_is_sha256sums_and_that_of_a_folder_is_of_its_manifest()
    {
        var folder = Saved("a", 1);
        var text = await Done("model", "info", folder, "--hash");
        Assert.Equal(ContentHash.Text(ContentHash.Manifest(folder)) + $"{ContentHash.Of(folder)}  {folder}\n", text);
        var config = Path.Combine(folder, "config.json");
        Assert.Contains($"{ContentHash.OfFile(config)}  config.json\n", text, StringComparison.Ordinal);
        Assert.Equal($"{ContentHash.OfFile(config)}  {config}\n", await Done("model", "info", config, "--hash"));
        var json = JsonDocument.Parse(await Done("model", "info", folder, "--hash", "--json")).RootElement;
        Assert.Equal(ContentHash.Of(folder), json.GetProperty("sha256").GetString());
        Assert.Equal(
            ContentHash.Manifest(folder).Select(file => file.Name),
            json.GetProperty("files").EnumerateArray().Select(file => file.GetProperty("name").GetString())
        );
    }

    [Fact]
    public async Task Diff_and_merge_take_GGUF_files()
    {
        var (a, b, file) = (Saved("a", 1), Saved("b", 2), _folder.File("a.gguf"));
        await Done("model", "convert", a, "--out", file, "--dtype", "float32");
        Assert.Contains("number for number", await Done("model", "diff", a, file), StringComparison.Ordinal);
        Assert.Contains("tensors differ", await Done("model", "diff", file, b), StringComparison.Ordinal);
        await Done("model", "merge", file, b, "--out", _folder.File("m"), "--method", "linear", "--weight", "0");
        Assert.Contains(
            "number for number",
            await Done("model", "diff", a, _folder.File("m")),
            StringComparison.Ordinal
        );
        await Done("generate", "--model", _folder.File("m"), "--prompt", "some", "--max-new-tokens", "2");
    }

    [Fact]
    public async Task An_unknown_family_is_named_with_those_that_are_known()
    {
        File.WriteAllText(_folder.File("config.json"), "{\"model_type\": \"abacus\"}");
        var (code, _, error) = await InProcess.RunAsync("model", "info", _folder.Path);
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("'abacus' is not known; known are gemma2", error, StringComparison.Ordinal);
    }

    private static async Task<string> Done(params string[] arguments)
    {
        var (code, output, error) = await InProcess.RunAsync(arguments);
        Assert.True(code == ExitCode.Done, error + output);
        return output;
    }

    private string Saved(string name, ulong seed, DecoderConfig? config = null)
    {
        using var model = new CausalLM(config ?? Config, seed);
        ModelFolder.Save(model, _folder.File(name));
        BpeTrainer.Train(["some text"], new() { VocabularySize = 270 }).Save(_folder.File(name));
        return _folder.File(name);
    }

    private string Adapter()
    {
        using var model = new CausalLM(Config, seed: 1);
        using var adapter = LoraAdapter.Attach(
            model,
            "a",
            new()
            {
                Rank = 3,
                WeightDecomposed = true,
                TargetModules = ["q_proj"],
            },
            seed: 1
        );
        adapter.Save(_folder.File("adapter"));
        return _folder.File("adapter");
    }
}
