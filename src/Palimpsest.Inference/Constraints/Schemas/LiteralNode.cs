using System.Text;

namespace Palimpsest.Inference;

/// <summary>Values that are listed, as they are written.</summary>
internal sealed class LiteralNode : SchemaNode
{
    private readonly BytePrefixes _values;

    /// <summary>Lists values.</summary>
    /// <param name="tokens">Tells how many tokens a text takes.</param>
    /// <param name="values">JSON texts.</param>
    public LiteralNode(TokenBytes tokens, params IEnumerable<string> values)
    {
        _values = new(tokens);
        Texts = values.ToHashSet(StringComparer.Ordinal);
        foreach (var value in Texts)
            _values.Add(Encoding.UTF8.GetBytes(value), 0);
    }

    /// <summary>The listed values.</summary>
    public IReadOnlySet<string> Texts { get; }

    /// <summary>The listed values by their bytes.</summary>
    public BytePrefixes Values => _values;

    /// <inheritdoc/>
    public override int LeastDepth() => _values.Shortest(BytePrefixes.Root) < Cursor.Endless ? 0 : Cursor.Endless;

    /// <inheritdoc/>
    public override int LeastTokens() => _values.Shortest(BytePrefixes.Root);

    /// <inheritdoc/>
    public override void Start(byte value, Cursor? below, ThreadList into) =>
        LiteralFrame.Go(this, BytePrefixes.Root, value, below, into);
}
