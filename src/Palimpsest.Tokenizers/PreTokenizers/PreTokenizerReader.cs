using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>Builds pre-tokenizers from <c>tokenizer.json</c>.</summary>
internal static class PreTokenizerReader
{
    /// <summary>The pre-tokenizer of a field; null when it is absent.</summary>
    public static IPreTokenizer? Read(JsonField field, int depth = 0)
    {
        if (field.IsNull)
            return null;
        if (depth > 8)
            throw field.Error("pre-tokenizers nest deeper than 8.");
        var kind = field["type"].AsString();
        return kind switch
        {
            "Sequence" => new SequencePreTokenizer([
                .. field["pretokenizers"]
                    .Elements()
                    .Select(part => Read(part, depth + 1) ?? throw part.Error("null is not a pre-tokenizer.")),
            ]),
            "ByteLevel" => new ByteLevelPreTokenizer(
                field["add_prefix_space"].AsBoolean(true),
                field["use_regex"].AsBoolean(true)
            ),
            "Split" => new PatternPreTokenizer(
                TextPattern.Read(field["pattern"]),
                PieceSplitter.ReadBehavior(field["behavior"], SplitBehavior.Isolated),
                field["invert"].AsBoolean(false)
            ),
            "Whitespace" => new WhitespacePreTokenizer(),
            "WhitespaceSplit" => new ClassPreTokenizer(Rune.IsWhiteSpace, SplitBehavior.Removed),
            "Digits" => new ClassPreTokenizer(
                UnicodeClass.IsNumeric,
                field["individual_digits"].AsBoolean(false) ? SplitBehavior.Isolated : SplitBehavior.Contiguous
            ),
            "Punctuation" => new ClassPreTokenizer(
                UnicodeClass.IsPunctuation,
                PieceSplitter.ReadBehavior(field["behavior"], SplitBehavior.Isolated)
            ),
            "BertPreTokenizer" => new SequencePreTokenizer([
                new ClassPreTokenizer(Rune.IsWhiteSpace, SplitBehavior.Removed),
                new ClassPreTokenizer(UnicodeClass.IsPunctuation, SplitBehavior.Isolated),
            ]),
            "CharDelimiterSplit" => new ClassPreTokenizer(Delimiter(field["delimiter"]), SplitBehavior.Removed),
            "Metaspace" => new MetaspacePreTokenizer(
                MetaspacePreTokenizer.ReadMark(field),
                MetaspacePreTokenizer.ReadScheme(field),
                field["split"].AsBoolean(true)
            ),
            _ => throw field.Error($"{JsonField.Shown(kind)} is not a known pre-tokenizer."),
        };
    }

    private static Func<Rune, bool> Delimiter(JsonField field)
    {
        var runes = field.AsString().EnumerateRunes().ToArray();
        return runes.Length == 1 ? rune => rune == runes[0] : throw field.Error("a delimiter is one character.");
    }
}
