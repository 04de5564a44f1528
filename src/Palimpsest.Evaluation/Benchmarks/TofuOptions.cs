namespace Palimpsest.Evaluation;

/// <summary>Settings of the TOFU benchmark.</summary>
public sealed record TofuOptions
{
    /// <summary>Most sequences that are scored per forward pass, at least 1.</summary>
    public int BatchSize
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 32;

    /// <summary>Most questions that are answered at once, at least 1; a row's answer does not depend on it.</summary>
    public int GenerationBatchSize
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 128;

    /// <summary>Most new tokens of an answer, at least 1.</summary>
    public int MaxNewTokens
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 200;

    /// <summary>Whether ROUGE compares stems.</summary>
    public bool Stemming { get; init; } = true;

    /// <summary>Share of lowest log-probabilities in min-k, in (0, 1].</summary>
    public double MinKShare
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 1);
    } = 0.4;

    /// <summary>Whether the gradient-norm membership score, one backward pass per row, is computed.</summary>
    public bool GradientNorm { get; init; } = true;
}
