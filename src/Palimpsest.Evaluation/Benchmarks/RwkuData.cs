namespace Palimpsest.Evaluation;

/// <summary>The probes and texts of one or several targets of RWKU.</summary>
public sealed record RwkuData
{
    private static readonly (RwkuSet Set, string File, string Level)[] Files =
    [
        (RwkuSet.ForgetBlank, "forget_level1.json", "1"),
        (RwkuSet.ForgetQuestion, "forget_level2.json", "2"),
        (RwkuSet.ForgetAttack, "forget_level3.json", "3"),
        (RwkuSet.NeighbourBlank, "neighbor_level1.json", "1"),
        (RwkuSet.NeighbourQuestion, "neighbor_level2.json", "2"),
    ];

    /// <summary>The nine kinds of attack under their published names.</summary>
    public static IReadOnlyList<string> Attacks { get; } =
    [
        "prefix injection",
        "affirmative suffix",
        "role playing",
        "multiple choice",
        "reverse query",
        "synonym manipulation",
        "background hint",
        "incontext learning",
        "cross lingual",
    ];

    /// <summary>The probes, in order.</summary>
    public required IReadOnlyList<RwkuProbe> Probes { get; init; }

    /// <summary>The texts of the membership sets; may be empty.</summary>
    public IReadOnlyList<RwkuText> Texts { get; init; } = [];

    /// <summary>Where each probe was read, for messages; empty where they were made.</summary>
    public IReadOnlyList<string> Places { get; init; } = [];

    /// <summary>Reads the folder of a target, or a folder of such folders.</summary>
    /// <param name="path">For example the authors' <c>Target/1_Stephen_King</c>, or <c>Target</c>.</param>
    /// <exception cref="InputException">A file is missing or malformed, holds a probe of another level or a kind of
    /// attack that there is not, or a neighbour's probe is one of the forget probes.</exception>
    public static RwkuData Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var targets = Targets(path);
        if (targets.Length == 0)
            throw new InputException(
                $"{path}: is no target of RWKU and has none; needed is a folder with {Files[0].File}, or one of such "
                    + "folders."
            );
        var (probes, places, texts) = (new List<RwkuProbe>(), new List<string>(), new List<RwkuText>());
        foreach (var target in targets)
        {
            var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(target));
            Read(target, name, probes, places);
            texts.AddRange(TextsOf(target, name, "forget_mia.json", forget: true));
            texts.AddRange(TextsOf(target, name, "retain_mia.json", forget: false));
        }

        return new()
        {
            Probes = probes,
            Places = places,
            Texts = texts,
        };
    }

    private static string[] Targets(string path)
    {
        if (IsTarget(path))
            return [path];
        return Directory.Exists(path)
            ? [.. Directory.GetDirectories(path).Where(IsTarget).Order(StringComparer.Ordinal)]
            : [];
    }

    private static bool IsTarget(string folder) => File.Exists(Path.Combine(folder, Files[0].File));

    private static void Read(string folder, string target, List<RwkuProbe> probes, List<string> places)
    {
        var forgotten = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (set, file, level) in Files)
        {
            var path = Path.Combine(folder, file);
            if (!File.Exists(path))
                throw new InputException(
                    $"{path}: there is no such file; a target of RWKU has {Files.Length} of them."
                );
            var keeps = set is RwkuSet.NeighbourBlank or RwkuSet.NeighbourQuestion;
            foreach (var row in JsonRows.Read(path))
            {
                var probe = ProbeOf(row, set, target, level);
                var key = SameQuestion(probe);
                if (keeps && forgotten.Contains(key))
                    throw row.Error($"{JsonField.Shown(probe.Query)} is a probe of the forget sets too.");
                if (!keeps)
                    forgotten.Add(key);
                probes.Add(probe);
                places.Add(row.Path);
            }
        }
    }

    private static string SameQuestion(RwkuProbe probe) => $"{probe.Query.Trim()}\n{probe.Answer.Trim()}";

    private static RwkuProbe ProbeOf(JsonField row, RwkuSet set, string target, string level)
    {
        var written = row["level"].IsText ? row["level"].AsString() : row["level"].Value.ToString();
        if (!row["level"].IsNull && written != level)
            throw row["level"].Error($"{JsonField.Shown(written)} is not this file's level, {level}.");
        var type = set == RwkuSet.ForgetAttack ? row.Text("type") : row["type"].AsString($"level {level}")!;
        if (set == RwkuSet.ForgetAttack && !Attacks.Contains(type))
            throw row["type"].Error($"{JsonField.Shown(type)} is not one of {string.Join(", ", Attacks)}.");
        return new(set, target, row.Text("subject"), type, row.Text("query"), row.Text("answer"));
    }

    private static RwkuText[] TextsOf(string folder, string target, string file, bool forget)
    {
        var path = Path.Combine(folder, file);
        return File.Exists(path)
            ? [.. JsonRows.Read(path).Select(row => new RwkuText(forget, target, row.Text("text")))]
            : [];
    }
}
