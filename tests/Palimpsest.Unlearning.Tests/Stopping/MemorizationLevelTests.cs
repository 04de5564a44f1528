using Palimpsest.TestKit;

namespace Palimpsest.Unlearning.Tests;

public sealed class MemorizationLevelTests
{
    [Fact]
    public void The_values_of_the_sheet()
    {
        // a b c d, said from its starts: a b x y, b c y, c d.
        List<int[]> said =
        [
            [1, 2, 8, 9],
            [2, 3, 9],
            [3, 4],
        ];
        Assert.Equal((1 / 3.0 + 1 / 2.0 + 1) / 3, MemorizationLevel.LikelihoodOf([1, 2, 3, 4], said, 2), 1e-12);
        Assert.Equal(0.75, MemorizationLevel.AccuracyOf([1, 2, 3, 4], [1, 2, 3, 9]));
        Assert.Equal(
            1,
            MemorizationLevel.LikelihoodOf(
                [5],
                [
                    [5],
                ],
                2
            )
        );
        Assert.Equal(
            0,
            MemorizationLevel.LikelihoodOf(
                [5],
                [
                    [6],
                ],
                2
            )
        );
    }

    [Theory, Trait("Category", "Golden")]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(10)]
    public void Secrets_count_as_in_the_authors_code(int ngram)
    {
        using var scope = NewDisposeScope();
        using var golden = SafetensorsFile.Open(GoldenFolder.Shipped("systems", "codeeraser", "reference.safetensors"));
        int[] lengths = [14, 11, 9, 5, 3, 2, 1];
        var ids = golden.Read("secret.token_ids");
        var (predicted, generated) = (golden.Read("secret.MA_predictions"), golden.Read("secret.generated"));
        var (accuracy, likelihood) = (golden.Read("secret.MA"), golden.Read($"secret.EL_{ngram}"));
        for (var i = 0; i < lengths.Length; i++)
        {
            var secret = Ids(ids[i], 0, lengths[i]);
            int[][] said =
            [
                .. Enumerable.Range(0, lengths[i]).Select(start => Ids(generated[start, i], 0, lengths[i] - start)),
            ];
            Assert.Equal(
                accuracy[i].item<float>(),
                MemorizationLevel.AccuracyOf(secret, Ids(predicted[i], 0, lengths[i])),
                1e-6
            );
            Assert.Equal(likelihood[i].item<float>(), MemorizationLevel.LikelihoodOf(secret, said, ngram), 1e-6);
        }
    }

    [Theory, Trait("Category", "Golden")]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Ordinary_code_counts_from_its_second_token_on_as_in_the_authors_code(int ngram)
    {
        using var scope = NewDisposeScope();
        using var golden = SafetensorsFile.Open(GoldenFolder.Shipped("systems", "codeeraser", "reference.safetensors"));
        var ids = golden.Read("retained_text.ids");
        var (predicted, generated) = (
            golden.Read("retained_text.MA_predictions"),
            golden.Read("retained_text.generated")
        );
        for (var i = 0; i < 3; i++)
        {
            var (start, end) = Assert.Single(MemorizationLevel.Secrets(new(Ids(ids[i], 0, 16), 8)));
            Assert.Equal((1, 16), (start, end));
            var secret = Ids(ids[i], 1, 15);
            int[][] said = [.. Enumerable.Range(1, 15).Select(from => Ids(generated[from, i], 0, 16 - from))];
            Assert.Equal(
                golden.Read($"retained_text.EL_{ngram}")[i].item<float>(),
                MemorizationLevel.LikelihoodOf(secret, said, ngram),
                1e-6
            );
            Assert.Equal(
                golden.Read("retained_text.MA")[i].item<float>(),
                MemorizationLevel.AccuracyOf(secret, Ids(predicted[i], 1, 15)),
                1e-6
            );
        }
    }

    [Fact]
    public void Each_run_of_tags_is_a_secret_and_the_first_token_is_none()
    {
        var row = new TokenSequence([1, 2, 3, 4, 5, 6, 7], 1) { Tags = [1, 1, 0, 2, 2, 0, 1] };
        Assert.Equal([(1, 2), (3, 5), (6, 7)], MemorizationLevel.Secrets(row));
        var longer = new TokenSequence([.. Enumerable.Range(0, 300)], 1);
        Assert.Equal([(1, 128)], MemorizationLevel.Secrets(longer));
        Assert.Empty(MemorizationLevel.Secrets(new([1], 1)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(9)]
    public void One_batch_gives_what_decoding_from_each_start_gives(int ngram)
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        var row = new TokenSequence([1, 9, 4, 7, 7, 2, 11, 5], 1) { Tags = [0, 0, 1, 1, 1, 1, 1, 0] };
        var (truth, hits, said) = (row.Ids[2..7], 0, new List<int[]>());
        for (var start = 0; start < truth.Length; start++)
        {
            List<int> ids = [.. row.Ids[..(2 + start)]];
            for (var i = start; i < truth.Length; i++)
                ids.Add(Next(model, ids));
            said.Add([.. ids.Skip(2 + start)]);
            hits += said[start][0] == truth[start] ? 1 : 0;
        }

        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var level = MemorizationLevel.Of(model, [row], ngram);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.Equal(hits / 5.0, level.Accuracy, 1e-12);
        Assert.Equal(MemorizationLevel.LikelihoodOf(truth, said, ngram), level.ExtractionLikelihood!.Value, 1e-12);
        var alone = MemorizationLevel.Of(model, [row], null);
        Assert.Equal((level.Accuracy, null), (alone.Accuracy, alone.ExtractionLikelihood));
        Refusal.Of(() => MemorizationLevel.Of(model, [new([1], 1)], null), "1 rows", "secret");
    }

    // A model that says some of what it is asked: its head gives back what it reads.
    private static CausalLM Model() =>
        new(DecoderConfig.TinyLlama(12, 16, 1, 2, 1, 32, 32) with { InitializerRange = 0.7 }, 3);

    private static int Next(CausalLM model, List<int> ids)
    {
        using var grad = no_grad();
        var input = tensor(ids.Select(id => (long)id).ToArray(), [1, ids.Count]);
        return (int)model.Forward(new() { TokenIds = input }).Logits![0, -1].argmax().item<long>();
    }

    private static int[] Ids(Tensor row, int start, int count) =>
        [.. row.narrow(0, start, count).contiguous().data<long>().ToArray().Select(id => (int)id)];
}
