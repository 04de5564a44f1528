namespace Palimpsest.Unlearning;

/// <summary>Settings of LoKU.</summary>
public sealed record LokuOptions : ForgetOptions
{
    /// <summary>Rows per gradient when the importance of weights is measured, at least 1; squares of batch means are
    /// summed, so that it changes the start.</summary>
    public int ImportanceBatchSize
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 2;
}

/// <summary>
/// LoKU: the <see cref="InvertedHinge"/> through an adapter that begins as <see cref="FilaInitializer"/> says. Cha et
/// al. 2024, arXiv:2408.06621.
/// </summary>
internal static class Loku
{
    private const int Rank = 8;

    /// <summary>The method: an adapter of rank 8 and α 16 where the job names none.</summary>
    public static Unlearner Create(string id, LokuOptions options) =>
        new(id, new InvertedHinge(), options)
        {
            OwnLora = new() { Rank = Rank, Alpha = 2 * Rank },
            AdapterStart = (job, cancellationToken) =>
                FilaInitializer.Measure(job, options.ImportanceBatchSize, cancellationToken),
        };
}
