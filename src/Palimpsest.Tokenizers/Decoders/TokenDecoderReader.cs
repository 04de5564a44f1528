namespace Palimpsest.Tokenizers;

/// <summary>Builds decoders from <c>tokenizer.json</c>.</summary>
internal static class TokenDecoderReader
{
    /// <summary>The decoder of a field; null when it is absent.</summary>
    public static ITokenDecoder? Read(JsonField field, int depth = 0)
    {
        if (field.IsNull)
            return null;
        if (depth > 8)
            throw field.Error("decoders nest deeper than 8.");
        var kind = field["type"].AsString();
        return kind switch
        {
            "Sequence" => new SequenceDecoder([
                .. field["decoders"]
                    .Elements()
                    .Select(part => Read(part, depth + 1) ?? throw part.Error("null is not a decoder.")),
            ]),
            "ByteLevel" => new ByteLevelDecoder(),
            "ByteFallback" => new ByteFallbackDecoder(),
            "Fuse" => new FuseDecoder(),
            "Replace" => Replace(TextPattern.Read(field["pattern"]), field["content"].AsString()),
            "Strip" => Strip(field),
            "Metaspace" => Metaspace(MetaspacePreTokenizer.ReadMark(field), MetaspacePreTokenizer.ReadScheme(field)),
            "WordPiece" => WordPiece(field["prefix"].AsString("##")!, field["cleanup"].AsBoolean(true)),
            "BPEDecoder" => Suffix(field["suffix"].AsString("</w>")!),
            "CTC" => new CtcDecoder(
                field["pad_token"].AsString("<pad>")!,
                field["word_delimiter_token"].AsString("|")!,
                field["cleanup"].AsBoolean(true)
            ),
            _ => throw field.Error($"{JsonField.Shown(kind)} is not a known decoder."),
        };
    }

    private static MapDecoder Replace(TextPattern pattern, string content)
    {
        string Map(string token) => pattern.Replace(token, content);
        return new(
            (token, _, _) => Map(token),
            () => new MapStream((token, _) => Map(token)),
            pattern.Literal is { Length: > 0 } literal ? () => new ReplaceStream(literal, content) : null
        )
        {
            WithinFused = pattern.Literal is { Length: 1 } ? Map : null,
        };
    }

    private static MapDecoder WordPiece(string prefix, bool cleansUp) =>
        new(
            (token, index, _) => WordPieceText.Join(token, index, prefix, cleansUp),
            () => new MapStream((token, index) => WordPieceText.Join(token, index, prefix, cleansUp)),
            () => cleansUp ? Tokenizer.CleanUpStream(joinsDoNot: true) : new MapStream((token, _) => token)
        )
        {
            WithinFused = cleansUp ? null : token => token,
        };

    private static MapDecoder Suffix(string suffix)
    {
        if (suffix.Length == 0)
        {
            return new(
                (token, _, _) => token,
                () => new LastTokenStream((token, _) => token),
                () => new MapStream((token, _) => token)
            );
        }

        string Map(string token, bool isLast) => token.Replace(suffix, isLast ? "" : " ", StringComparison.Ordinal);
        return new(
            (token, _, isLast) => Map(token, isLast),
            () => new LastTokenStream(Map),
            () => new ReplaceStream(suffix, "")
        )
        {
            IsUniform = false, // the last token loses its suffix, those before it get a blank
        };
    }

    private static MapDecoder Metaspace(char mark, PrependScheme scheme)
    {
        string Map(string token, int index) =>
            index == 0 && scheme != PrependScheme.Never
                ? token.Replace(mark.ToString(), "", StringComparison.Ordinal)
                : token.Replace(mark, ' ');
        return new(
            (token, index, _) => Map(token, index),
            () => new MapStream(Map),
            () => new MapStream((part, _) => Map(part, 0))
        )
        {
            WithinFused = part => Map(part, 0),
        };
    }

    private static MapDecoder Strip(JsonField field)
    {
        var content = field["content"].AsString() is { Length: 1 } one
            ? one[0]
            : throw field.Error("content is not one character.");
        var start = field["start"].AsInteger(0, 1_000_000);
        var stop = field["stop"].AsInteger(0, 1_000_000);
        string Map(string token)
        {
            var first = 0;
            while (first < token.Length && first < start && token[first] == content)
                first++;
            var last = token.Length;
            while (last > first && token.Length - last < stop && token[last - 1] == content)
                last--;
            return token[first..last];
        }

        return new(
            (token, _, _) => Map(token),
            () => new MapStream((token, _) => Map(token)),
            () => new StripStream(content, start, stop)
        )
        {
            WithinFused = part => part,
        };
    }
}
