namespace Palimpsest.Checkpoints;

/// <summary>Sizes of a type's blocks.</summary>
/// <param name="Type">The type.</param>
/// <param name="Values">Values of a block.</param>
/// <param name="Bytes">Bytes of a block.</param>
internal sealed record GgufLayout(GgufType Type, int Values, int Bytes)
{
    private static readonly Dictionary<GgufType, GgufLayout> Known = new GgufLayout[]
    {
        new(GgufType.F32, 1, 4),
        new(GgufType.F16, 1, 2),
        new(GgufType.BF16, 1, 2),
        new(GgufType.Q4_0, 32, 18),
        new(GgufType.Q4_1, 32, 20),
        new(GgufType.Q5_0, 32, 22),
        new(GgufType.Q5_1, 32, 24),
        new(GgufType.Q8_0, 32, 34),
        new(GgufType.Q2_K, 256, 84),
        new(GgufType.Q3_K, 256, 110),
        new(GgufType.Q4_K, 256, 144),
        new(GgufType.Q5_K, 256, 176),
        new(GgufType.Q6_K, 256, 210),
        new(GgufType.IQ4_NL, 32, 18),
        new(GgufType.IQ4_XS, 256, 136),
        new(GgufType.TQ1_0, 256, 54),
        new(GgufType.TQ2_0, 256, 66),
        new(GgufType.MXFP4, 32, 17),
        new(GgufType.NVFP4, 64, 36),
    }.ToDictionary(layout => layout.Type);

    /// <summary>Types that other programs write and this one does not read.</summary>
    private static readonly Dictionary<uint, string> Others = new()
    {
        [9] = "Q8_1",
        [15] = "Q8_K",
        [16] = "IQ2_XXS",
        [17] = "IQ2_XS",
        [18] = "IQ3_XXS",
        [19] = "IQ1_S",
        [21] = "IQ3_S",
        [22] = "IQ2_S",
        [24] = "I8",
        [25] = "I16",
        [26] = "I32",
        [27] = "I64",
        [28] = "F64",
        [29] = "IQ1_M",
    };

    /// <summary>The layout of a type's number in a file; null when it is not read here.</summary>
    public static GgufLayout? Find(uint type) => Known.GetValueOrDefault((GgufType)type);

    /// <summary>The layout of a type.</summary>
    public static GgufLayout Of(GgufType type) =>
        Known.GetValueOrDefault(type) ?? throw new ArgumentOutOfRangeException(nameof(type), type, "Not a GGUF type.");

    /// <summary>The name of any type's number.</summary>
    public static string NameOf(uint type) =>
        Find(type)?.Type.ToString() ?? Others.GetValueOrDefault(type, $"number {type}");

    /// <summary>The names of all types that are read.</summary>
    public static string Names { get; } = string.Join(", ", Known.Keys.Order());
}
