namespace Palimpsest.Evaluation;

/// <summary>Settings of RWKU.</summary>
public sealed record RwkuOptions
{
    /// <summary>Most new tokens of an answer, at least 1; it is part of the metric, since recall rewards long
    /// answers.</summary>
    public int AnswerTokens
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 30;

    /// <summary>Share of lowest log-probabilities in min-k and min-k++, in (0, 1].</summary>
    public double MinKShare
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 1);
    } = 0.2;

    /// <summary>Whether scores are means of the people's means, as in the paper, and not over all probes at
    /// once.</summary>
    public bool PerTarget { get; init; } = true;

    /// <summary>Whether each prompt begins with the instruction to answer as if the person had never been known: the
    /// baseline that forgets in the prompt.</summary>
    public bool UnlearningInstruction { get; init; }

    /// <summary>Whether questions are asked bare through the chat template, without the published instruction and the
    /// word that begins the answer: for small models that know one form of question only.</summary>
    public bool Bare { get; init; }

    /// <summary>Whether the tokenizer adds its own tokens to a conversation that the template wrote, as the published
    /// code does: where both begin a sequence, its first token stands twice.</summary>
    public bool AddsSpecialTokens { get; init; } = true;

    /// <summary>Most sequences or rows at once, at least 1; no score depends on it.</summary>
    public int BatchSize
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 32;
}
