namespace Palimpsest.Tokenizers;

/// <summary>Builds post-processors from <c>tokenizer.json</c>.</summary>
internal static class PostProcessorReader
{
    /// <summary>The post-processor of a field; null when it is absent or does nothing.</summary>
    public static IPostProcessor? Read(JsonField field, int vocabularySize, Func<int, string> tokenOf, int depth = 0)
    {
        if (field.IsNull)
            return null;
        if (depth > 8)
            throw field.Error("post-processors nest deeper than 8.");
        var kind = field["type"].AsString();
        return kind switch
        {
            "Sequence" => new SequencePostProcessor([
                .. field["processors"]
                    .Elements()
                    .Select(part => Read(part, vocabularySize, tokenOf, depth + 1))
                    .OfType<IPostProcessor>(),
            ]),
            "TemplateProcessing" => TemplatePostProcessor.Read(field, vocabularySize),
            "BertProcessing" => TemplatePostProcessor.ReadPair(field, vocabularySize),
            "RobertaProcessing" => Roberta(field, vocabularySize, tokenOf),
            "ByteLevel" => Trim(field, tokenOf),
            _ => throw field.Error($"{JsonField.Shown(kind)} is not a known post-processor."),
        };
    }

    private static TrimPostProcessor? Trim(JsonField field, Func<int, string> tokenOf) =>
        field["trim_offsets"].AsBoolean(true)
            ? new TrimPostProcessor(field["add_prefix_space"].AsBoolean(true), tokenOf)
            : null;

    private static IPostProcessor Roberta(JsonField field, int vocabularySize, Func<int, string> tokenOf)
    {
        var pair = TemplatePostProcessor.ReadPair(field, vocabularySize);
        return Trim(field, tokenOf) is { } trim ? new SequencePostProcessor([trim, pair]) : pair;
    }
}
