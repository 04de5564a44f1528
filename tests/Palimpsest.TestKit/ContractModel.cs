namespace Palimpsest.TestKit;

/// <summary>The small model of contracts that are about parts of a decoder, and what they ask of it.</summary>
internal static class ContractModel
{
    /// <summary>How far logits may be apart that need not be the same bits.</summary>
    public const double Tolerance = 1e-4;

    /// <summary>Rows of different lengths, ids below 48.</summary>
    public static readonly int[][] Rows =
    [
        [3, 7, 11, 19, 5, 23],
        [9, 8, 7],
    ];

    /// <summary>Logits [B, T, V] of rows in one padded batch.</summary>
    /// <param name="model">The model.</param>
    /// <param name="rows">At least one.</param>
    /// <param name="flag">What callers say of each row.</param>
    public static Tensor Forward(CausalLM model, int[][] rows, long flag = 0)
    {
        var batch = TokenBatch.Collate([.. rows.Select(row => new TokenSequence(row, row.Length))], 0);
        return model
            .Forward(
                new()
                {
                    TokenIds = batch.Ids,
                    AttentionMask = batch.AttentionMask,
                    Flags = [.. rows.Select(_ => flag)],
                }
            )
            .Logits!;
    }

    /// <summary>Logits [T, V] of the first row alone.</summary>
    public static Tensor Logits(CausalLM model) => Forward(model, Rows[..1])[0];

    /// <summary>Logits of each row's real tokens [T, V], of rows in one batch.</summary>
    public static Tensor[] Real(Tensor logits, int[][] rows) => [.. rows.Select((row, i) => logits[i][..row.Length])];

    /// <summary>Fails where bits differ.</summary>
    public static void AssertSame(Tensor expected, Tensor actual) =>
        Assert.True(expected.equal(actual).all().item<bool>(), "bits differ");

    /// <summary>Fails where a row in a padded batch has other logits than alone.</summary>
    /// <param name="logits">Logits of each row's real tokens, of rows in one batch.</param>
    public static void AssertPaddedAsAlone(Func<int[][], Tensor[]> logits)
    {
        var together = logits(Rows);
        for (var row = 0; row < Rows.Length; row++)
        {
            var alone = logits([Rows[row]])[0];
            Assert.True(allclose(alone, together[row], rtol: Tolerance, atol: Tolerance), $"row {row}");
        }
    }

    /// <summary>Fails where work leaves a tensor that it did not leave the first time.</summary>
    public static void AssertNoTensorLeft(Action work)
    {
        void Work()
        {
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            work();
        }

        Work();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Work();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
