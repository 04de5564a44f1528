namespace Palimpsest.Checkpoints;

/// <summary>How the files of one <c>general.architecture</c> differ from the family's Hugging Face folders.</summary>
/// <param name="Name">The architecture.</param>
/// <param name="Families">Families that are stored under it; the first is the one that is read.</param>
internal sealed record GgufArchitecture(string Name, params string[] Families)
{
    private static readonly GgufArchitecture[] All =
    [
        new("llama", "llama", "mistral") { PermutesQueriesAndKeys = true },
        new("qwen2", "qwen2"),
        new("qwen3", "qwen3"),
        new("phi3", "phi3"),
        new("gemma2", "gemma2") { AddsOneToNorms = true },
        new("olmo2", "olmo2") { NeedsHead = true },
        new("gpt2", "gpt2") { EpsilonKey = "attention.layer_norm_epsilon" },
    ];

    /// <summary>Families that GGUF files are written of.</summary>
    public static IEnumerable<string> WritableFamilies => All.SelectMany(a => a.Families);

    /// <summary>True where rows of queries and keys stand as interleaved rotary pairs.</summary>
    public bool PermutesQueriesAndKeys { get; init; }

    /// <summary>True where norms are stored with the one that the family adds to them.</summary>
    public bool AddsOneToNorms { get; init; }

    /// <summary>True where llama.cpp asks for a head of its own, be it the embedding once more.</summary>
    public bool NeedsHead { get; init; }

    /// <summary>The key of the norms' ε, after the architecture's name.</summary>
    public string EpsilonKey { get; init; } = "attention.layer_norm_rms_epsilon";

    /// <summary>A key of this architecture.</summary>
    public string Key(string name) => $"{Name}.{name}";

    /// <summary>The architecture of a file.</summary>
    /// <exception cref="InputException">It is missing or not known.</exception>
    public static GgufArchitecture Of(GgufMetadata metadata)
    {
        if (!metadata.Has("general.architecture"))
            throw new InputException($"{metadata.File}: key 'general.architecture' is missing.");
        var name = metadata.Text("general.architecture");
        var known =
            Array.Find(All, a => a.Name == name)
            ?? throw metadata.Refuse("general.architecture", string.Join(", ", All.Select(a => a.Name)));
        return metadata.WholeOrNull(known.Key("expert_count")) > 0
            ? throw metadata.Refuse(known.Key("expert_count"), "0: mixtures of experts are not read from GGUF files")
            : known;
    }

    /// <summary>The architecture that a family is written as.</summary>
    /// <exception cref="InputException">GGUF files of the family are not written.</exception>
    public static GgufArchitecture OfFamily(string family) =>
        Array.Find(All, a => a.Families.Contains(family))
        ?? throw new InputException(
            $"Models of the family '{family}' are not written as GGUF; possible are "
                + $"{string.Join(", ", WritableFamilies)}."
        );
}
