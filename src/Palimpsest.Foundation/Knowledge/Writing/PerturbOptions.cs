namespace Palimpsest.Foundation;

/// <summary>How wrong answers are drawn.</summary>
public sealed record PerturbOptions
{
    /// <summary>Most wrong answers of a row, from 1 to 20; there may be fewer values to take them from.</summary>
    public int WrongAnswers
    {
        get;
        init =>
            field = value is >= 1 and <= 20
                ? value
                : throw new ArgumentOutOfRangeException(
                    nameof(WrongAnswers),
                    value,
                    "WrongAnswers must be from 1 to 20."
                );
    } = 5;

    /// <summary>Seed of the draw.</summary>
    public ulong Seed { get; init; } = 1;
}
