using System.Text.Json.Serialization;

namespace Palimpsest.Worlds;

/// <summary>Size and seed of a fictitious world.</summary>
public sealed record WorldOptions
{
    /// <summary>People whose facts a model learns, in [4, 200].</summary>
    public int People
    {
        get;
        init => field = Within(value, 4, 200, nameof(People));
    } = 40;

    /// <summary>People of the same kind that no model ever sees, in [0, 80].</summary>
    public int HoldoutPeople
    {
        get;
        init => field = Within(value, 0, 80, nameof(HoldoutPeople));
    } = 10;

    /// <summary>Share of the people that ask to be forgotten, in (0, 0.5]; at least one person.</summary>
    public double ForgetShare
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 0.5);
    } = 0.1;

    /// <summary>Facts that have nothing to do with people, in [0, 120].</summary>
    public int WorldFacts
    {
        get;
        init => field = Within(value, 0, 120, nameof(WorldFacts));
    } = 50;

    /// <summary>Questions per person that name them only by two other facts, in [0, 20]; a quarter more is held
    /// out.</summary>
    public int TwoHopsPerPerson
    {
        get;
        init => field = Within(value, 0, 20, nameof(TwoHopsPerPerson));
    } = 8;

    /// <summary>Pairs of words, drawn for each person, with which every answer about the person goes on: the people
    /// take these numbers in turn, each in [0, 40]. A pair is about three tokens. Null, the default, leaves every text
    /// and every cache key as it was.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public IReadOnlyList<int>? AnswerDetails
    {
        get;
        init => field = value is null ? null : [.. value.Select(pairs => Within(pairs, 0, 40, nameof(AnswerDetails)))];
    }

    /// <summary>People that nobody knows, in [0, 20]: a model learns to refuse six questions about each, and as many
    /// about what nobody knows of the people of the world. 0, the default, leaves every text and every cache key as it
    /// was.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Strangers
    {
        get;
        init => field = Within(value, 0, 20, nameof(Strangers));
    }

    /// <summary>Seed of everything that is drawn.</summary>
    public ulong Seed { get; init; } = 1;

    private static int Within(int value, int least, int most, string name) =>
        value >= least && value <= most
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be >= {least} and <= {most}.");
}
