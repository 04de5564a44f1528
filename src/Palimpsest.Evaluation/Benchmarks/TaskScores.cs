namespace Palimpsest.Evaluation;

/// <summary>The scores of rows, as lm-evaluation-harness defines them.</summary>
public static class TaskScores
{
    private const string Punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    /// <summary>The place of the likeliest text: the first of those with the highest summed log-likelihood.</summary>
    /// <param name="logLikelihoods">One per text in nats, at least one.</param>
    public static int Likeliest(IReadOnlyList<double> logLikelihoods)
    {
        ArgumentNullException.ThrowIfNull(logLikelihoods);
        var best = 0;
        for (var i = 1; i < logLikelihoods.Count; i++)
        {
            if (logLikelihoods[i] > logLikelihoods[best])
                best = i;
        }

        return best;
    }

    /// <summary>The same by log-likelihood per character (<c>acc_norm</c>); the blank before a text is not one of
    /// its.</summary>
    /// <param name="logLikelihoods">One per text in nats.</param>
    /// <param name="texts">The texts, none of them blank.</param>
    public static int LikeliestPerCharacter(IReadOnlyList<double> logLikelihoods, IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return Likeliest([.. logLikelihoods.Zip(texts, (sum, text) => sum / Characters(text))]);
    }

    /// <summary>Whether a generated text is one of the right ones, spaces at both ends left out.</summary>
    /// <param name="said">The text.</param>
    /// <param name="targets">Right texts.</param>
    /// <param name="options">Says whether case and punctuation count.</param>
    public static bool IsExactly(string said, IReadOnlyList<string> targets, TaskOptions options)
    {
        ArgumentNullException.ThrowIfNull(said);
        ArgumentNullException.ThrowIfNull(targets);
        ArgumentNullException.ThrowIfNull(options);
        var text = Compared(said, options);
        return targets.Any(target => Compared(target, options) == text);
    }

    private static string Compared(string text, TaskOptions options)
    {
        if (options.IgnoreCase)
            text = text.ToLowerInvariant();
        if (options.IgnorePunctuation)
            text = string.Concat(text.Where(c => !Punctuation.Contains(c, StringComparison.Ordinal)));
        return text.Trim();
    }

    // Python counts code points.
    private static int Characters(string continuation)
    {
        var text = continuation.StartsWith(' ') ? continuation[1..] : continuation;
        return Math.Max(1, text.EnumerateRunes().Count());
    }
}
