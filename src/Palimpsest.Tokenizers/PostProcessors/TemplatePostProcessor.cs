namespace Palimpsest.Tokenizers;

/// <summary>Puts special tokens before and after the text.</summary>
internal sealed class TemplatePostProcessor(int[] before, int[] after) : IPostProcessor
{
    /// <summary>Reads a <c>TemplateProcessing</c>.</summary>
    public static TemplatePostProcessor Read(JsonField field, int vocabularySize)
    {
        var special = new Dictionary<string, int[]>(StringComparer.Ordinal);
        if (!field["special_tokens"].IsNull)
        {
            foreach (var (name, token) in field["special_tokens"].Members())
                special[name] = [.. token["ids"].Elements().Select(id => id.AsInteger(0, vocabularySize - 1))];
        }

        var before = new List<int>();
        var after = new List<int>();
        var seen = false;
        foreach (var part in field["single"].Elements())
        {
            if (!part["Sequence"].IsNull)
            {
                if (seen || part["Sequence"]["id"].AsString() != "A")
                    throw part.Error("a template for one text names the sequence A once.");
                seen = true;
                continue;
            }

            var name = part["SpecialToken"]["id"].AsString();
            (seen ? after : before).AddRange(
                special.TryGetValue(name, out var ids)
                    ? ids
                    : throw part.Error($"{JsonField.Shown(name)} is not among special_tokens.")
            );
        }

        return seen
            ? new TemplatePostProcessor([.. before], [.. after])
            : throw field["single"].Error("the template leaves out the text.");
    }

    /// <summary>Reads a <c>BertProcessing</c> or <c>RobertaProcessing</c>: one token before, one after.</summary>
    public static TemplatePostProcessor ReadPair(JsonField field, int vocabularySize) =>
        new([Id(field["cls"], vocabularySize)], [Id(field["sep"], vocabularySize)]);

    /// <inheritdoc/>
    public List<EncodedToken> Process(List<EncodedToken> tokens, bool addSpecialTokens) =>
        addSpecialTokens ? [.. before.Select(Special), .. tokens, .. after.Select(Special)] : tokens;

    private static EncodedToken Special(int id) => new(id, 0, 0);

    private static int Id(JsonField field, int vocabularySize) =>
        field.Elements().ElementAtOrDefault(1) is { IsNull: false } id
            ? id.AsInteger(0, vocabularySize - 1)
            : throw field.Error("not a pair of token and id.");
}
