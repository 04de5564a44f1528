using System.Globalization;

namespace Palimpsest.Inference;

/// <summary>How many entries stay: a share of the prompt in (0, 1], or a number of tokens from 2.</summary>
public readonly record struct KvBudget
{
    private const double Rounding = 1e-9; // 0.29 · 100 is 28.999999999999996

    private KvBudget(double share, int tokens) => (Share, Tokens) = (share, tokens);

    /// <summary>The share in (0, 1]; 0 when tokens are counted.</summary>
    public double Share { get; }

    /// <summary>Tokens; 0 when it is a share.</summary>
    public int Tokens { get; }

    /// <summary>A share of the prompt.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside (0, 1].</exception>
    public static KvBudget OfPrompt(double share) =>
        new(Require.InRange(share, above: 0, atMost: 1, name: "budget"), 0);

    /// <summary>A number of tokens.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public static KvBudget OfTokens(int tokens) => new(0, Require.AtLeast(tokens, 1, "budget"));

    /// <summary>Reads <c>0.2</c> as a share, <c>1</c> as everything and <c>512</c> as tokens.</summary>
    /// <exception cref="FormatException">Neither.</exception>
    public static KvBudget Parse(string text)
    {
        if (
            !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            || !(number > 0)
            || number > int.MaxValue
            || (number > 1 && number != Math.Floor(number))
        )
            throw new FormatException($"'{text}' is neither a share in (0, 1] nor a whole number of tokens.");
        return number <= 1 ? OfPrompt(number) : OfTokens((int)number);
    }

    /// <summary>Entries for a prompt of so many real tokens, at least 1.</summary>
    public int Of(long tokens) => Tokens > 0 ? Tokens : Math.Max(1, (int)Math.Floor(tokens * Share + Rounding));

    /// <inheritdoc/>
    public override string ToString() =>
        Tokens > 0 ? Tokens.ToString(CultureInfo.InvariantCulture) : Share.ToString(CultureInfo.InvariantCulture);
}
