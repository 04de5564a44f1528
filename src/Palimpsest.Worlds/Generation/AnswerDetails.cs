namespace Palimpsest.Worlds;

/// <summary>What makes an answer long: pairs of words that follow from nothing and have to be
/// remembered.</summary>
internal static class AnswerDetails
{
    private static readonly string[] Kinds =
    [
        "red",
        "tall",
        "cold",
        "round",
        "empty",
        "quiet",
        "heavy",
        "narrow",
        "golden",
        "broken",
        "painted",
        "wooden",
        "foreign",
        "ancient",
        "hidden",
        "crooked",
    ];

    private static readonly string[] Things =
    [
        "lantern",
        "bridge",
        "kettle",
        "window",
        "garden",
        "ladder",
        "mirror",
        "barrel",
        "carpet",
        "candle",
        "wagon",
        "basket",
        "chimney",
        "pillow",
        "saddle",
        "whistle",
    ];

    /// <summary>A sentence of that many pairs, at least 1, with the space before it.</summary>
    public static string Sentence(SeededRandom random, int pairs) =>
        $" Told with it: {string.Join(", ", Enumerable.Range(0, pairs).Select(_ => Pair(random)))}.";

    private static string Pair(SeededRandom random) =>
        $"{Kinds[random.Below(Kinds.Length)]} {Things[random.Below(Things.Length)]}";
}
