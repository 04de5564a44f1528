using System.Text.Json;
using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

/// <summary>A real model, read from its GGUF file, against the reference implementations.</summary>
[Trait("Category", "Golden")]
public sealed class SmolLm2Tests(SmolLm2Tests.RealModel real) : IClassFixture<SmolLm2Tests.RealModel>
{
    private const double Tolerance = 1e-3;

    [Fact]
    public void Tokens_are_those_of_llama_cpp()
    {
        var tokens = real.Json("tokens.json");
        foreach (var item in tokens.GetProperty("cases").EnumerateArray())
        {
            var text = item.GetProperty("text").GetString()!;
            Assert.Equal(Ids(item, "ids"), real.Language.Tokenizer.Encode(text));
            Assert.Equal(
                Ids(item, "ids_special_as_text"),
                real.Language.Tokenizer.Encode(text, findsSpecialTokens: false)
            );
        }

        foreach (var chat in tokens.GetProperty("chats").EnumerateArray())
        {
            var question = chat.GetProperty("question").GetString()!;
            Assert.Equal(
                chat.GetProperty("prompt").GetString(),
                real.Language.Tokenizer.ChatTemplate!.Render([Turn.User(question)], addGenerationPrompt: true)
            );
            Assert.Equal(
                Ids(chat, "ids"),
                real.Language.EncodeConversation([Turn.User(question)], addGenerationPrompt: true)
            );
        }
    }

    [Fact]
    public void Weights_are_the_dequantised_ones_in_the_order_of_the_family()
    {
        using var reference = real.Reference();
        using var scope = NewDisposeScope();
        foreach (var name in reference.Names.Where(n => n.StartsWith("weight.", StringComparison.Ordinal)))
        {
            var expected = reference.Read(name);
            var weight = real.Language.Decoder.ParameterRefs.Single(p => p.Name == name["weight.".Length..]).Value();
            var corner =
                weight.dim() == 1
                    ? weight[..(int)expected.shape[0]]
                    : weight[..(int)expected.shape[0], ..(int)expected.shape[1]];
            Assert.Equal(expected.data<float>().ToArray(), corner.contiguous().data<float>().ToArray());
        }
    }

    [Fact]
    public void Logits_are_those_of_the_reference()
    {
        using var reference = real.Reference();
        for (var chat = 0; reference.Contains($"chat.{chat}.ids"); chat++)
        {
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            var ids = reference.Read($"chat.{chat}.ids").view(1, -1);
            var logits = real.Language.Decoder.Forward(new() { TokenIds = ids }).Logits![0];
            var top = logits.gather(1, reference.Read($"chat.{chat}.top_ids"));
            AssertClose(reference.Read($"chat.{chat}.top_values"), top, $"chat {chat}, best logits");
            AssertClose(reference.Read($"chat.{chat}.last_logits"), logits[-1], $"chat {chat}, last logits");
        }
    }

    [Fact]
    public async Task Greedy_answers_are_those_of_the_reference()
    {
        using var reference = real.Reference();
        var chats = real.Json("reference.json").GetProperty("chats");
        for (var chat = 0; reference.Contains($"chat.{chat}.ids"); chat++)
        {
            Assert.True(chats.GetProperty($"chat.{chat}").GetProperty("smallest_top2_gap").GetDouble() > Tolerance);
            using var prompt = reference.Read($"chat.{chat}.ids");
            using var greedy = reference.Read($"chat.{chat}.greedy");
            var expected = greedy.data<long>().Select(id => (int)id).ToArray();
            var actual = await real.Language.GenerateAsync(
                [
                    [.. prompt.data<long>().Select(id => (int)id)],
                ],
                new() { MaxNewTokens = expected.Length },
                TestContext.Current.CancellationToken
            );
            Assert.Equal(expected.TakeWhile(id => !real.Language.EndTokens.Contains(id)), actual[0]);
        }
    }

    [Fact]
    public async Task Perplexity_of_WikiText_is_that_of_the_reference()
    {
        using var reference = real.Reference();
        using var expected = reference.Read("wikitext.nll");
        var ids = Ids(real.Json("tokens.json"), "wikitext_ids");
        var blocks = Enumerable
            .Range(0, (int)expected.numel() / 512)
            .Select(b => new TokenSequence(ids[(b * 512)..(b * 512 + 513)], 1))
            .ToArray();
        var scores = await real.Language.ScoreAsync(
            blocks,
            new() { BatchSize = 2 },
            TestContext.Current.CancellationToken
        );
        var actual = scores.SelectMany(s => s.LogProbabilities).Select(p => -p).ToArray();
        var worst = expected
            .data<float>()
            .Zip(actual)
            .Max(pair => Math.Abs(pair.First - pair.Second) / Math.Max(1, Math.Abs(pair.First)));
        Assert.True(worst <= Tolerance, $"NLL off by {worst:g3}");
        var perplexity = real.Json("reference.json").GetProperty("perplexity_wikitext_blocks_of_512").GetDouble();
        Assert.Equal(perplexity, Math.Exp(actual.Average(n => (double)n)), Tolerance);
    }

    [Fact]
    public void A_file_written_from_it_gives_the_same_tokens_and_the_same_next_token()
    {
        using var folder = new TemporaryFolder();
        real.Language.SaveGguf(folder.File("again.gguf"), new() { Type = GgufType.F16, Name = "SmolLM2 again" });
        using var again = LanguageModel.Load(folder.File("again.gguf"));
        using var reference = real.Reference();
        using var grad = no_grad();
        foreach (var chat in real.Json("tokens.json").GetProperty("chats").EnumerateArray())
        {
            using var scope = NewDisposeScope();
            var question = chat.GetProperty("question").GetString()!;
            var ids = again.EncodeConversation([Turn.User(question)], addGenerationPrompt: true);
            Assert.Equal(Ids(chat, "ids"), ids);
            Assert.Equal(
                real.Language.Tokenizer.Encode(question + "<|im_end|>", false, false),
                again.Tokenizer.Encode(question + "<|im_end|>", false, false)
            );
            var input = new ForwardInput
            {
                TokenIds = tensor(ids.Select(id => (long)id).ToArray(), [1, ids.Length]),
                Logits = LogitsFor.LastToken,
            };
            var (before, after) = (
                real.Language.Decoder.Forward(input).Logits![0, 0],
                again.Decoder.Forward(input).Logits![0, 0]
            );
            Assert.Equal(before.argmax().item<long>(), after.argmax().item<long>());
            // Float16 keeps each weight to 0.05 %.
            var drift = ((after - before).norm() / before.norm()).item<float>();
            Assert.True(drift < 0.01, $"{question}: logits moved by {drift:p2}");
        }

        Assert.Equal(real.Language.EndTokens.Order(), again.EndTokens.Order());
        Assert.Equal(real.Language.Tokenizer.ChatTemplate!.Source, again.Tokenizer.ChatTemplate!.Source);
    }

    private static int[] Ids(JsonElement json, string field) =>
        [.. json.GetProperty(field).EnumerateArray().Select(id => id.GetInt32())];

    private static void AssertClose(Tensor expected, Tensor actual, string what)
    {
        var worst = ((actual - expected).abs() / expected.abs().clamp(min: 1)).max().item<float>();
        Assert.True(worst <= Tolerance, $"{what}: off by {worst:g3}");
    }

    public sealed class RealModel : IDisposable
    {
        private readonly string? _folder = GoldenFolder.TryGet("smollm2");
        private readonly string? _path = GoldenFolder.TryGetModel("SmolLM2-135M-Instruct.Q4_1.gguf");
        private LanguageModel? _language;

        public LanguageModel Language
        {
            get
            {
                Assert.SkipWhen(
                    _path is null || _folder is null,
                    "models/SmolLM2-135M-Instruct.Q4_1.gguf or golden/smollm2 is not there."
                );
                return _language ??= LanguageModel.Load(_path!);
            }
        }

        public JsonElement Json(string name)
        {
            _ = Language;
            return JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder!, name))).RootElement;
        }

        public SafetensorsFile Reference()
        {
            _ = Language;
            return SafetensorsFile.Open(Path.Combine(_folder!, "reference.safetensors"));
        }

        public void Dispose() => _language?.Dispose();
    }
}
