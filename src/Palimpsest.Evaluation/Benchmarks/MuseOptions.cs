namespace Palimpsest.Evaluation;

/// <summary>Settings of MUSE.</summary>
public sealed record MuseOptions
{
    /// <summary>New tokens of a text that is gone on with, and tokens of the true text that it is compared with, at
    /// least 1.</summary>
    public int VerbatimTokens
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 128;

    /// <summary>Most new tokens of an answer, at least 1.</summary>
    public int AnswerTokens
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 32;

    /// <summary>Share of lowest log-probabilities in min-k, in (0, 1].</summary>
    public double MinKShare
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 1);
    } = 0.4;

    /// <summary>Whether a text so short that the share is less than one token counts by its lowest one, as
    /// open-unlearning has it; in MUSE's own code it has no score, and the AUC none.</summary>
    public bool AtLeastOneToken { get; init; } = true;

    /// <summary>Whether ROUGE compares stems: open-unlearning does, MUSE's own code does not.</summary>
    public bool Stemming { get; init; }

    /// <summary>Whether questions are asked alone through the chat template, and not after answered ones as running
    /// text: for models that know conversations only.</summary>
    public bool Chat { get; init; }

    /// <summary>Most sequences or rows at once, at least 1; no score depends on it.</summary>
    public int BatchSize
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 32;
}
