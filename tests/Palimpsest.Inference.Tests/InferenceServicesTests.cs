using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class InferenceServicesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public InferenceServicesTests() => SaveModel(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Configuration_says_which_model_answers_and_how()
    {
        var services = new ServiceCollection();
        services.AddLocalChatClient(
            Section(
                ("Path", _folder.Path),
                ("Generation:MaxNewTokens", "4"),
                ("Generation:Temperature", "1"),
                ("Generation:StopStrings:0", "never")
            )
        );
        services.AddDecoderEmbeddings(embedding: new() { Normalize = false });
        await using var provider = services.BuildServiceProvider();
        Assert.Equal(
            ["never"],
            provider.GetRequiredService<IOptions<LocalModelOptions>>().Value.Generation.StopStrings
        );
        Assert.Equal(
            4,
            (await provider.GetRequiredService<IChatClient>().GetResponseAsync("the cat")).Usage!.OutputTokenCount
        );
        var generator = provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        Assert.Equal(32, (await generator.GenerateAsync("the cat")).Dimensions);
        Assert.Same(provider.GetRequiredService<LanguageModel>(), generator.GetService<LanguageModel>());
    }

    [Fact]
    public async Task Middleware_can_be_added()
    {
        var services = new ServiceCollection();
        var seen = 0;
        services
            .AddLocalChatClient(options => options.Path = _folder.Path)
            .Use(
                (messages, options, next, token) =>
                {
                    seen++;
                    return next(messages, options, token);
                }
            );
        await using var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<IChatClient>().GetResponseAsync("the cat", new() { MaxOutputTokens = 2 });
        Assert.Equal(1, seen);
    }

    [Fact]
    public void A_key_that_is_not_known_or_a_value_outside_its_range_is_refused()
    {
        T Resolve<T>(params (string, string)[] settings)
            where T : notnull
        {
            var services = new ServiceCollection();
            services.AddLocalChatClient(Section(settings));
            return services.BuildServiceProvider().GetRequiredService<T>();
        }

        Assert.Contains(
            "Pathh",
            Assert.Throws<InvalidOperationException>(() => Resolve<IChatClient>(("Pathh", "x"))).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "Path is missing",
            Assert.Throws<OptionsValidationException>(() => Resolve<IChatClient>()).Message,
            StringComparison.Ordinal
        );
        var range = Assert.ThrowsAny<Exception>(() =>
            Resolve<IChatClient>(("Path", _folder.Path), ("Generation:TopP", "3"))
        );
        Assert.Contains("TopP", range.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Path", "nowhere")]
    [InlineData("Adapter", "no-adapter")]
    [InlineData("Path", "")]
    public void What_is_not_there_is_refused_when_a_host_starts(string key, string place)
    {
        var path = place.Length == 0 ? "" : _folder.File(place);
        var services = new ServiceCollection();
        services.AddLocalChatClient(Section(key == "Path" ? [(key, path)] : [("Path", _folder.Path), (key, path)]));
        using var provider = services.BuildServiceProvider();
        var error = Assert.Throws<OptionsValidationException>(() =>
            provider.GetRequiredService<IStartupValidator>().Validate()
        );
        Assert.Contains(place.Length == 0 ? "Path is missing" : path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sentence_encoder_that_is_not_there_is_refused_when_a_host_starts()
    {
        var services = new ServiceCollection();
        services.AddSentenceEmbeddings(options => options.Path = _folder.File("nowhere"));
        using var provider = services.BuildServiceProvider();
        var error = Assert.Throws<OptionsValidationException>(() =>
            provider.GetRequiredService<IStartupValidator>().Validate()
        );
        Assert.Contains("nowhere", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_there_is_not_loaded_when_a_host_starts()
    {
        var services = new ServiceCollection();
        services.AddLocalChatClient(options => options.Path = _folder.Path);
        using var provider = services.BuildServiceProvider();
        File.WriteAllText(_folder.File("model.safetensors"), "broken");
        provider.GetRequiredService<IStartupValidator>().Validate();
        Assert.Throws<InputException>(() => provider.GetRequiredService<IChatClient>());
    }

    [Fact]
    public async Task A_hosted_model_takes_the_local_one_s_place()
    {
        using var server = new FakeChatServer(_ => FakeChatReply.Say("from afar"));
        var services = new ServiceCollection();
        services.AddHostedChatClient(Section(("Endpoint", server.Address), ("Model", "fake")));
        await using var provider = services.BuildServiceProvider();
        Assert.Equal("from afar", (await provider.GetRequiredService<IChatClient>().GetResponseAsync("x")).Text);
    }

    [Fact, Trait("Category", "Golden")]
    public async Task Sentence_embeddings_are_registered()
    {
        var path = Path.Combine(GoldenFolder.Root, "..", "models", "all-MiniLM-L6-v2");
        Assert.SkipUnless(Directory.Exists(path), "The model all-MiniLM-L6-v2 is not on this machine.");
        var services = new ServiceCollection();
        services.AddSentenceEmbeddings(Section(("Path", path), ("MaxTokens", "16")));
        await using var provider = services.BuildServiceProvider();
        var vectors = await provider
            .GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>()
            .GenerateAsync([string.Join(' ', Enumerable.Repeat("word", 99))]);
        Assert.Equal((384, 16L), (vectors[0].Dimensions, vectors.Usage!.InputTokenCount));
    }

    internal static void SaveModel(string folder)
    {
        var words = BpeTrainer.Train(
            ["the cat sat on the mat and the dog ate the hat"],
            new() { VocabularySize = 290, LeastCount = 1 }
        );
        using var model = new LanguageModel(
            new(DecoderConfig.TinyLlama(words.VocabularySize, 32, 2, 4, 2, 64, 128) with { InitializerRange = 0.3 }, 3),
            words,
            "tiny"
        );
        model.Save(folder);
    }

    private static IConfiguration Section(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(s => KeyValuePair.Create<string, string?>(s.Key, s.Value)))
            .Build();
}
