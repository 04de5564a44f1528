namespace Palimpsest.Tokenizers;

/// <summary>Builds normalizers from <c>tokenizer.json</c>.</summary>
internal static class NormalizerReader
{
    /// <summary>The normalizer of a field; null when it is absent.</summary>
    public static INormalizer? Read(JsonField field, int depth = 0)
    {
        if (field.IsNull)
            return null;
        if (depth > 8)
            throw field.Error("normalizers nest deeper than 8.");
        var kind = field["type"].AsString();
        return kind switch
        {
            "Sequence" => new SequenceNormalizer([
                .. field["normalizers"]
                    .Elements()
                    .Select(part => Read(part, depth + 1) ?? throw part.Error("null is not a normalizer.")),
            ]),
            "NFC" => new UnicodeFormNormalizer(compatibility: false, compose: true),
            "NFD" => new UnicodeFormNormalizer(compatibility: false, compose: false),
            "NFKC" => new UnicodeFormNormalizer(compatibility: true, compose: true),
            "NFKD" => new UnicodeFormNormalizer(compatibility: true, compose: false),
            "Lowercase" => new LowercaseNormalizer(),
            "StripAccents" => new StripAccentsNormalizer(),
            "Strip" => new StripNormalizer(field["strip_left"].AsBoolean(true), field["strip_right"].AsBoolean(true)),
            "Prepend" => new PrependNormalizer(field["prepend"].AsString()),
            "Replace" => new ReplaceNormalizer(TextPattern.Read(field["pattern"]), field["content"].AsString()),
            "Nmt" => new NmtNormalizer(),
            "ByteLevel" => new ByteLevelNormalizer(),
            "Precompiled" => PrecompiledNormalizer.Read(field["precompiled_charsmap"]),
            "BertNormalizer" => new BertNormalizer(
                field["clean_text"].AsBoolean(true),
                field["handle_chinese_chars"].AsBoolean(true),
                field["strip_accents"].IsNull ? null : field["strip_accents"].AsBoolean(false),
                field["lowercase"].AsBoolean(true)
            ),
            _ => throw field.Error($"{JsonField.Shown(kind)} is not a known normalizer."),
        };
    }
}
