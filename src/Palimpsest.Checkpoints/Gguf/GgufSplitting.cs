using System.Text.Json.Nodes;

namespace Palimpsest.Checkpoints;

/// <summary>The ways of cutting text that <c>tokenizer.ggml.pre</c> names, as stages of tokenizer.json.</summary>
/// <param name="Patterns">Regular expressions whose matches become pieces, one after another.</param>
/// <param name="PrefersWhole">True where a piece that is a token needs no merges.</param>
/// <param name="AddsBegin">True where texts begin with the begin token unless a key says otherwise.</param>
internal sealed record GgufSplitting(IReadOnlyList<string> Patterns, bool PrefersWhole = false, bool AddsBegin = false)
{
    private const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    private const string Rest = @" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Short = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private const string Word = @"[^\r\n\p{L}\p{N}]?\p{L}+";
    private const string Upper = @"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]";
    private const string Lower = @"[\p{Ll}\p{Lm}\p{Lo}\p{M}]";

    private const string Probe =
        "Hello world's DON'T don't I'll we'VE  two   spaces\n\n\nlines\r\n \t tabs\tx 1 12 123 1234 12345678 3.14 a1b2 "
        + "camelCase HTTPServer "
        + "x=foo(bar[0], 1e-10)//!?... <<>> $5+~`|^ é naïve Ærø "
        + "数字 漢字かな 한글 ไทย हिन्दी "
        + "🙂👩‍👧 ½ Ⅷ _under_score- 'quoted' "
        + "\"x\"  ";

    private static readonly GgufSplitting LikeGpt2 = new([Gpt2]);
    private static readonly GgufSplitting LikeSmolLm = new([@"\p{N}", Gpt2]);
    private static readonly GgufSplitting LikeLlama3 = new([$@"{Short}|{Word}|\p{{N}}{{1,3}}|{Rest}"]);
    private static readonly GgufSplitting LikeQwen2 = new([$@"{Short}|{Word}|\p{{N}}|{Rest}"]);
    private static readonly GgufSplitting LikeGpt4o = new([Cased($"{Short}?", @"\p{N}{1,3}")]);

    private static readonly Dictionary<string, GgufSplitting> Known = new(StringComparer.Ordinal)
    {
        ["default"] = new([@"[\p{P}\$\+<=>\^~\|]+", Gpt2, @"\p{N}+", "[0-9][0-9][0-9]"]),
        ["gpt-2"] = LikeGpt2,
        ["phi-2"] = LikeGpt2,
        ["olmo"] = LikeGpt2,
        ["mpt"] = LikeGpt2,
        ["jais"] = LikeGpt2,
        ["exaone4"] = LikeGpt2,
        ["gigachat"] = LikeGpt2,
        ["a.x-4.0"] = LikeGpt2,
        ["mellum"] = LikeGpt2,
        ["trillion"] = LikeGpt2,
        ["granite-docling"] = LikeGpt2,
        ["smollm"] = LikeSmolLm,
        ["starcoder"] = LikeSmolLm,
        ["refact"] = LikeSmolLm,
        ["command-r"] = LikeSmolLm,
        ["codeshell"] = LikeSmolLm,
        ["exaone"] = LikeSmolLm,
        ["minerva-7b"] = LikeSmolLm,
        ["llama-bpe"] = LikeLlama3 with { PrefersWhole = true, AddsBegin = true },
        ["llama3"] = LikeLlama3 with { PrefersWhole = true, AddsBegin = true },
        ["llama-v3"] = LikeLlama3 with { PrefersWhole = true, AddsBegin = true },
        ["falcon3"] = LikeLlama3 with { PrefersWhole = true, AddsBegin = true },
        ["pixtral"] = LikeLlama3 with { PrefersWhole = true, AddsBegin = true },
        ["dbrx"] = LikeLlama3,
        ["smaug-bpe"] = LikeLlama3,
        ["glm4"] = LikeLlama3,
        ["chatglm-bpe"] = LikeLlama3,
        ["qwen2"] = LikeQwen2,
        ["deepseek-r1-qwen"] = LikeQwen2,
        ["stablelm2"] = LikeQwen2,
        ["megrez"] = LikeQwen2,
        ["hunyuan"] = LikeQwen2,
        ["tekken"] = new([Cased("", @"\p{N}")], PrefersWhole: true, AddsBegin: true),
        ["gpt-4o"] = LikeGpt4o,
        ["llama4"] = LikeGpt4o,
        ["falcon"] = new([@"[\p{P}\$\+<=>\^~\|`]+", Gpt2, "[0-9][0-9][0-9]"]),
        ["deepseek-coder"] = new([@"[\r\n]", @"\s?\p{L}+", @"\s?\p{P}+", "[一-龥ࠀ-一가-퟿]+", @"\p{N}"]),
    };

    /// <summary>The cutting that a file names.</summary>
    /// <exception cref="InputException">Its name is not known.</exception>
    public static GgufSplitting Of(GgufMetadata metadata) =>
        Known.GetValueOrDefault(metadata.Text("tokenizer.ggml.pre") ?? "default")
        ?? throw metadata.Refuse("tokenizer.ggml.pre", string.Join(", ", Known.Keys));

    /// <summary>The name of the cutting that gives the same pieces as a pre-tokenizer, or null.</summary>
    /// <remarks>Compared on a text in which all the known ones differ, since files spell the same cutting in many
    /// ways.</remarks>
    public static string? NameOf(IPreTokenizer? preTokenizer, bool prefersWhole)
    {
        var wanted = PiecesOf(preTokenizer);
        return Known
            .FirstOrDefault(entry =>
                entry.Value.PrefersWhole == prefersWhole && PiecesOf(entry.Value.PreTokenizer()).SequenceEqual(wanted)
            )
            .Key;
    }

    /// <summary><c>pre_tokenizer</c> of tokenizer.json.</summary>
    public JsonObject ToJson() =>
        new()
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray([.. Patterns.Select(Split), ByteLevel(usesRegex: false)]),
        };

    private IPreTokenizer? PreTokenizer() =>
        PreTokenizerReader.Read(JsonField.Parse("tokenizer.ggml.pre", TokenizerJson.Bytes(ToJson())));

    private static IEnumerable<string> PiecesOf(IPreTokenizer? preTokenizer)
    {
        var text = new PieceText(Probe, null, [new(0, Probe.Length)]);
        preTokenizer?.Apply(text);
        return text.Pieces.Select(piece => text.Text.Substring(piece.Start, piece.Length));
    }

    private static JsonNode Split(string pattern) =>
        new JsonObject
        {
            ["type"] = "Split",
            ["pattern"] = new JsonObject { ["Regex"] = pattern },
            ["behavior"] = "Isolated",
            ["invert"] = false,
        };

    private static JsonObject ByteLevel(bool usesRegex) =>
        new()
        {
            ["type"] = "ByteLevel",
            ["add_prefix_space"] = false,
            ["trim_offsets"] = true,
            ["use_regex"] = usesRegex,
        };

    /// <summary>Words are cut where a lower-case letter meets an upper-case one.</summary>
    private static string Cased(string ending, string digits) =>
        $@"[^\r\n\p{{L}}\p{{N}}]?{Upper}*{Lower}+{ending}|[^\r\n\p{{L}}\p{{N}}]?{Upper}+{Lower}*{ending}|"
        + $@"{digits}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
}
