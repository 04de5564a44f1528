namespace Palimpsest.Evaluation;

/// <summary>Settings of the multiple-choice benchmark.</summary>
public sealed record ChoiceOptions
{
    /// <summary>What an answer's summed log-likelihood is divided by.</summary>
    public ChoiceNormalization Normalization { get; init; } = ChoiceNormalization.Token;

    /// <summary>Most sequences per forward pass, at least 1.</summary>
    public int BatchSize
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 32;
}
