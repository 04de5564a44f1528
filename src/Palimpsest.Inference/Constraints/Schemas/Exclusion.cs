namespace Palimpsest.Inference;

/// <summary>Whether the alternatives of <c>oneOf</c> exclude each other: a value of one is of no other.</summary>
internal static class Exclusion
{
    /// <summary>Refuses alternatives of which two could both hold.</summary>
    /// <exception cref="InputException">Two could.</exception>
    public static void Check(ValueSchema[] alternatives, string place)
    {
        for (var i = 0; i < alternatives.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (alternatives[i].Nodes.Any(a => alternatives[j].Nodes.Any(b => !Excludes(a, b))))
                    throw new InputException(
                        $"{place}: alternatives {j} and {i} of 'oneOf' could both hold; write 'anyOf', or give each a "
                            + "required property with another 'const'."
                    );
            }
        }
    }

    private static bool Excludes(SchemaNode a, SchemaNode b)
    {
        if (a is LiteralNode one && b is LiteralNode other)
            return !one.Texts.Overlaps(other.Texts);
        if (a is ObjectNode first && b is ObjectNode second)
            return first.IsToldFrom(second);
        return !Begins(a).Overlaps(Begins(b));
    }

    // Values of different types begin with different characters.
    private static HashSet<char> Begins(SchemaNode node) =>
        node switch
        {
            StringNode => ['"'],
            NumberNode or RangeNode => ['0'],
            ArrayNode => ['['],
            ObjectNode => ['{'],
            _ => [.. ((LiteralNode)node).Texts.Select(text => text[0] is '-' or (>= '0' and <= '9') ? '0' : text[0])],
        };
}
