using System.Numerics;
using System.Text;

namespace Palimpsest.Inference;

/// <summary>Objects: named properties in any order, each at most once.</summary>
internal sealed class ObjectNode : SchemaNode
{
    private const int FewKeys = 80;

    private readonly IReadOnlyList<ObjectProperty> _properties;
    private BigInteger _withValue;
    private int _deepest;

    /// <summary>Objects with these properties.</summary>
    /// <param name="tokens">Tells how many tokens a text takes.</param>
    /// <param name="properties">The properties that are named.</param>
    /// <param name="others">What properties of other names are; null for none.</param>
    public ObjectNode(TokenBytes tokens, IReadOnlyList<ObjectProperty> properties, ValueSchema? others)
    {
        (_properties, Others, Names) = (properties, others, new(tokens));
        for (var i = 0; i < properties.Count; i++)
        {
            foreach (var place in Names.Add(Encoding.Latin1.GetBytes(properties[i].Key), i))
            {
                while (Reachable.Count <= place)
                    Reachable.Add(BigInteger.Zero);
                Reachable[place] |= BigInteger.One << i;
            }

            if (properties[i].IsRequired)
                Required |= BigInteger.One << i;
        }

        if (properties.Count == 0)
            Reachable.Add(BigInteger.Zero);
    }

    /// <summary>The names as they are written, without quotes.</summary>
    public BytePrefixes Names { get; }

    /// <summary>For each place in the names the properties that can still come of it, one bit for each.</summary>
    public List<BigInteger> Reachable { get; } = [];

    /// <summary>What properties of other names are; null for none.</summary>
    public ValueSchema? Others { get; }

    /// <summary>Properties that must come, one bit for each.</summary>
    public BigInteger Required { get; }

    /// <inheritdoc/>
    public override IEnumerable<ValueSchema> Parts
    {
        get
        {
            var named = _properties.Select(property => property.Schema);
            return Others is null ? named : named.Append(Others);
        }
    }

    /// <summary>What a property is.</summary>
    public ValueSchema SchemaOf(int property) => _properties[property].Schema;

    /// <inheritdoc/>
    public override int LeastDepth()
    {
        var depth = 0;
        (_withValue, _deepest) = (BigInteger.Zero, 0);
        for (var i = 0; i < _properties.Count; i++)
        {
            var needs = _properties[i].Schema.Depth;
            if (_properties[i].IsRequired)
                depth = Math.Max(depth, needs);
            if (!_properties[i].Schema.HasValue)
                continue;
            _withValue |= BigInteger.One << i;
            _deepest = Math.Max(_deepest, needs);
        }

        return Math.Min(Cursor.Endless, depth + 1);
    }

    /// <inheritdoc/>
    public override int LeastTokens() => Sum(1L + ToEnd(BigInteger.Zero, afterValue: false));

    /// <summary>Properties that can come within an object, one bit for each.</summary>
    /// <param name="seen">Those that have come.</param>
    /// <param name="depth">Arrays and objects that are open, this one included.</param>
    public BigInteger Open(BigInteger seen, int depth)
    {
        var open = _withValue & ~seen;
        if (depth + _deepest <= ValueSchema.MostDepth)
            return open;
        for (var i = 0; i < _properties.Count; i++)
        {
            if (depth + SchemaOf(i).Depth > ValueSchema.MostDepth)
                open &= ~(BigInteger.One << i);
        }

        return open;
    }

    /// <summary>Whether properties of other names can come.</summary>
    public bool TakesOthers(int depth) => Others is not null && depth + Others.Depth <= ValueSchema.MostDepth;

    /// <summary>The least number of tokens to the end of the object.</summary>
    /// <param name="seen">Properties that have come.</param>
    /// <param name="afterValue">Whether a comma comes before the next.</param>
    public int ToEnd(BigInteger seen, bool afterValue)
    {
        long tokens = 1;
        var missing = Required & ~seen;
        if (missing.IsZero)
            return 1;
        for (var i = 0; i < _properties.Count; i++)
        {
            if (!((missing >> i) & 1).IsZero)
                tokens += 1 + 2 + Names.Shortest(BytePrefixes.Root, i) + ValueTokens(i);
        }

        return Sum(afterValue ? tokens : tokens - 1);
    }

    /// <summary>The least number of tokens of a key that is not complete, its value and the rest of the
    /// object.</summary>
    public int ToEndOfKey(KeyFrame key, BigInteger open)
    {
        var least = (long)Cursor.Endless;
        if (key.Place >= 0)
        {
            var reachable = Reachable[key.Place] & open;
            for (var i = 0; !reachable.IsZero && i < _properties.Count; i++)
            {
                if (((reachable >> i) & 1).IsZero)
                    continue;
                long tokens = Names.Shortest(key.Place, i) + 1 + ValueTokens(i);
                least = Math.Min(least, tokens + ToEnd(key.Seen | (BigInteger.One << i), afterValue: true));
            }
        }

        if (key.Text is { } text && Others is { HasValue: true })
        {
            // A name that nobody has yet needs at most so many characters more.
            var used = _properties.Count + (key.Used?.Count ?? 0);
            var more = text.Length > 0 && key.IsFree ? 0 : 1 + (used / FewKeys);
            long tokens = Utf8.Missing(key.Character) + more + 2 + Others.Shortest;
            least = Math.Min(least, tokens + ToEnd(key.Seen, afterValue: true));
        }

        return Sum(least);
    }

    /// <summary>True when both require a property whose listed values differ.</summary>
    public bool IsToldFrom(ObjectNode other) =>
        _properties.Any(property =>
            property.IsRequired
            && other._properties.Any(twin =>
                twin.IsRequired && twin.Key == property.Key && AreApart(property.Schema, twin.Schema)
            )
        );

    private static bool AreApart(ValueSchema a, ValueSchema b) =>
        a.Nodes.All(one =>
            b.Nodes.All(other =>
                one is LiteralNode listed && other is LiteralNode others && !listed.Texts.Overlaps(others.Texts)
            )
        );

    /// <inheritdoc/>
    public override void Start(byte value, Cursor? below, ThreadList into)
    {
        if (value == (byte)'{')
            into.Add(new(new ObjectFrame(this, BigInteger.Zero, null, ObjectPart.Start, Gap.None), below));
    }

    private long ValueTokens(int property) => 1L + SchemaOf(property).Shortest;
}
