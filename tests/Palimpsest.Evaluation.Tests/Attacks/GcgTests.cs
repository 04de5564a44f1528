using Palimpsest.Inference;
using Palimpsest.TestKit;

namespace Palimpsest.Evaluation.Tests;

public sealed class GcgTests
{
    [Fact]
    [Trait("Category", "Golden")]
    public void The_gradient_with_respect_to_the_one_hot_suffix_is_that_of_the_reference()
    {
        var (path, folder) = (
            GoldenFolder.TryGet("gcg", "reference.safetensors"),
            GoldenFolder.TryGet("models", "llama")
        );
        Assert.SkipWhen(path is null || folder is null, "there is no golden of gcg and models/llama");
        using var golden = SafetensorsFile.Open(path!);
        using var decoder = ModelFolder.Load(folder!);
        using var scope = NewDisposeScope();
        int[] ids = [.. golden.Read("input_ids").data<long>().Select(id => (int)id)];
        using var settings = System.Text.Json.JsonDocument.Parse(
            File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(path!)!, "reference.json"))
        );
        Range Span(string name)
        {
            var ends = settings.RootElement.GetProperty(name).EnumerateArray().Select(end => end.GetInt32()).ToArray();
            return ends[0]..ends[1];
        }

        var (gradient, loss) = Gcg.GradientOf(decoder, ids, Span("suffix"), Span("target"));
        var expected = golden.Read("one_hot_gradient");
        Assert.Equal(expected.shape, gradient.shape);
        Assert.InRange((gradient - expected).abs().max().item<float>(), 0, 1e-4f);
        Assert.Equal(golden.Read("loss").item<float>(), loss, 1e-4);
        Assert.All(decoder.parameters(), weight => Assert.True(weight.grad is null));
    }

    [Fact]
    public async Task A_search_lowers_the_loss_of_what_it_was_made_for_and_repeats_itself()
    {
        using var model = Tiny();
        var options = new GcgOptions
        {
            Steps = 3,
            Candidates = 12,
            SuffixLength = 4,
        };
        var found = await new Gcg(options).FindAsync(model, FakeAudit.Facts, default);
        Assert.True(found.Loss < found.FirstLoss, $"{found.FirstLoss} to {found.Loss}");
        // What it says is what the text gives when it is typed.
        var typed = FakeAudit
            .Facts.Take(4)
            .Select(fact => model.EncodeAnswer($"{fact.Question} {found.Text}", fact.Answer));
        var scores = await model.ScoreAsync([.. typed], new());
        Assert.Equal(scores.Average(score => score.MeanNll), found.Loss, 1e-5);
        Assert.All(found.Text, letter => Assert.InRange(letter, ' ', '~'));
        Assert.Equal(found, await new Gcg(options).FindAsync(model, FakeAudit.Facts, default));
        var other = await new Gcg(options with { Seed = 2 }).FindAsync(model, FakeAudit.Facts, default);
        Assert.NotEqual(found.Text, other.Text);
    }

    [Fact]
    public async Task The_suffix_is_sought_on_other_facts_than_are_measured_and_the_retrained_model_gets_its_own()
    {
        using var original = Tiny(1);
        using var candidate = Tiny(2);
        using var never = Tiny(3);
        var split = RelearnSplit.Of(FakeAudit.Facts);
        var test = new SuffixSearchTest(
            split,
            new()
            {
                Steps = 1,
                Candidates = 8,
                SuffixLength = 3,
            }
        );
        var request = FakeAudit.Request(candidate, never, test);
        request = request with { Models = new(original, candidate, never) };
        var result = Assert.Single(await AttackRunner.RunAsync(request));
        Assert.Equal(split.Measured.Count, result.Found.Recovery!.N);
        var suffixes = result.Found.Read<Dictionary<string, string>>();
        Assert.Equal(["candidate", "retrained"], suffixes.Keys.Order());
        var asked = split.Measured.Select(fact => (fact, $"{fact.Question} {suffixes["candidate"]}")).ToArray();
        var shares = await FactKnowledge.SharesAsync(candidate, asked, default);
        Assert.Equal(shares.Average(share => share[0]), result.Found.Levels["candidate"].Value, 1e-9);
    }

    private static LanguageModel Tiny(ulong seed = 1)
    {
        var tokenizer = BpeTrainer.Train(FakeAudit.Facts.Select(fact => fact.Answer), new() { VocabularySize = 300 });
        return new(
            new(DecoderConfig.TinyLlama(tokenizer.VocabularySize, 16, 1, 2, 2, 32, 128), seed),
            tokenizer,
            $"tiny {seed}"
        );
    }
}
