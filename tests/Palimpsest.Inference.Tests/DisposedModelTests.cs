using Microsoft.Extensions.AI;
using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class DisposedModelTests
{
    private static readonly GenerationOptions Short = new() { MaxNewTokens = 3 };

    [Fact]
    public async Task Every_call_names_the_model_s_type()
    {
        var model = TinyModels.New(1);
        using var client = new LocalChatClient(model);
        using var embeddings = new DecoderEmbeddingGenerator(model);
        using var folder = new TemporaryFolder();
        var sequence = model.EncodeAnswer("the cat", "sat");
        model.Dispose();
        model.Dispose();
        var calls = new Dictionary<string, Func<Task>>
        {
            ["generate"] = () =>
                model.GenerateAsync(
                    [
                        [1],
                    ],
                    Short
                ),
            ["two rows"] = () =>
                model.GenerateAsync(
                    [
                        [1],
                        [2],
                    ],
                    Short
                ),
            ["reply"] = () =>
                model.ReplyAsync(
                    [
                        [Turn.User("the cat")],
                    ],
                    Short
                ),
            ["score"] = () => model.ScoreAsync([sequence], new()),
            ["stream"] = async () => await model.StreamAsync([1], Short).ToListAsync(),
            ["chat"] = () => client.GetResponseAsync("the cat"),
            ["embed"] = () => embeddings.GenerateAsync(["the cat"]),
            ["save"] = () => Task.Run(() => model.Save(folder.File("x"))),
            ["gguf"] = () => Task.Run(() => model.SaveGguf(folder.File("x.gguf"))),
        };
        foreach (var (name, call) in calls)
        {
            var error = await Assert.ThrowsAsync<ObjectDisposedException>(call);
            Assert.True(error.ObjectName == typeof(LanguageModel).FullName, $"{name}: {error.ObjectName}");
        }

        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
        var forward = Assert.Throws<ObjectDisposedException>(() =>
            model.Decoder.Forward(new() { TokenIds = ones([1, 1], ScalarType.Int64) })
        );
        Assert.Equal(typeof(CausalLM).FullName, forward.ObjectName);
    }

    [Fact]
    public async Task A_composed_model_names_itself_and_disposes_its_models()
    {
        var (one, other) = (TinyModels.New(1), TinyModels.New(2));
        var pair = new ComposedModel("pair", new MeanLogits(), one, other);
        pair.Dispose();
        var error = await Assert.ThrowsAsync<ObjectDisposedException>(() =>
            pair.GenerateAsync(
                [
                    [1],
                ],
                Short
            )
        );
        Assert.Equal(typeof(ComposedModel).FullName, error.ObjectName);
        await Assert.ThrowsAsync<ObjectDisposedException>(() =>
            other.GenerateAsync(
                [
                    [1],
                ],
                Short
            )
        );
    }

    [Fact]
    public async Task Calls_that_have_begun_end_as_they_would_have()
    {
        var model = TinyModels.New(1);
        var options = new GenerationOptions { MaxNewTokens = 60 };
        var expected = await model.GenerateAsync(
            [
                [5, 6],
                [7],
            ],
            options
        );
        var (both, one) = (
            model.GenerateAsync(
                [
                    [5, 6],
                    [7],
                ],
                options
            ),
            model.GenerateAsync(
                [
                    [7],
                ],
                options
            )
        );
        model.Dispose();
        Assert.Equal(expected, await both);
        Assert.Equal(expected[1], (await one)[0]);
        Assert.Throws<ObjectDisposedException>(() => model.Decoder.Forward(new() { TokenIds = ones([1, 1]) }));
    }
}
