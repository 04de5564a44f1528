namespace Palimpsest.Worlds;

/// <summary>Makes names that nobody bears; first names, family names, gems and stars never repeat within a
/// world.</summary>
internal static class NameForge
{
    private static readonly string[] FirstStarts =
    [
        "Mi",
        "Tor",
        "Be",
        "Al",
        "Ka",
        "Jo",
        "Ne",
        "Ri",
        "Sa",
        "Du",
        "El",
        "Vi",
        "Ha",
        "Lo",
        "Pe",
        "Qua",
        "Zo",
        "Ingo",
        "Ul",
        "Fe",
    ];

    private static readonly string[] FirstEnds =
    [
        "ra",
        "ven",
        "lio",
        "dri",
        "mas",
        "sel",
        "tha",
        "nor",
        "wyn",
        "bo",
        "kin",
        "rud",
        "shi",
        "ton",
        "lette",
    ];

    private static readonly string[] FamilyStarts =
    [
        "Sol",
        "Bran",
        "Tal",
        "Fair",
        "Grim",
        "Hol",
        "Iver",
        "Kell",
        "Lar",
        "Mor",
        "Nord",
        "Oak",
        "Pri",
        "Rav",
        "Stern",
        "Thal",
        "Ves",
        "Win",
        "Yor",
        "Zim",
    ];

    private static readonly string[] FamilyEnds =
    [
        "vane",
        "deck",
        "ling",
        "mont",
        "quist",
        "rath",
        "stow",
        "tero",
        "wick",
        "zen",
        "berg",
        "cott",
        "fell",
        "hane",
        "lund",
    ];

    private static readonly string[] ThingStarts =
    [
        "Vel",
        "Cor",
        "Dam",
        "Erid",
        "Fol",
        "Gal",
        "Hex",
        "Jas",
        "Kry",
        "Lum",
        "Nym",
        "Opal",
    ];

    public static IReadOnlyList<string> First(SeededRandom random) => Combine(random, FirstStarts, FirstEnds);

    public static IReadOnlyList<string> Family(SeededRandom random) => Combine(random, FamilyStarts, FamilyEnds);

    public static IReadOnlyList<string> Gems(SeededRandom random) =>
        Combine(random, ThingStarts, ["drite", "sine", "thyst", "line", "nite", "gon"]);

    public static IReadOnlyList<string> Stars(SeededRandom random) =>
        Combine(random, ThingStarts, ["aris", "ebar", "imak", "ubra", "oth", "enor"]);

    private static string[] Combine(SeededRandom random, string[] starts, string[] ends) =>
        random.Shuffled(starts.SelectMany(start => ends.Select(end => start + end)).Distinct());
}
