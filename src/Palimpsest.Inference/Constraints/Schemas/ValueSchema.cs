namespace Palimpsest.Inference;

/// <summary>What a value can be: the union of kinds of values.</summary>
internal sealed class ValueSchema
{
    /// <summary>Most arrays and objects within one another: what readers of JSON accept, with room for what is
    /// around a value.</summary>
    public const int MostDepth = 56;

    private readonly List<ValueSchema> _includes = [];

    /// <summary>Kinds of values; those that include others by <see cref="Include"/> are made whole by
    /// <see cref="Flatten"/>.</summary>
    public List<SchemaNode> Nodes { get; private set; } = [];

    /// <summary>The least number of tokens of a value.</summary>
    public int Shortest { get; set; } = Cursor.Endless;

    /// <summary>Arrays and objects that a value needs within one another at least.</summary>
    public int Depth { get; set; } = Cursor.Endless;

    /// <summary>True when there is a value at all.</summary>
    public bool HasValue => Depth <= MostDepth;

    /// <summary>Makes every value of another schema one of this.</summary>
    public void Include(ValueSchema other) => _includes.Add(other);

    /// <summary>Collects the kinds of all that was included; cycles add nothing.</summary>
    public List<SchemaNode> Flatten()
    {
        var (seen, open) = (new HashSet<ValueSchema> { this }, new Stack<ValueSchema>([this]));
        var found = new List<SchemaNode>();
        while (open.TryPop(out var schema))
        {
            found.AddRange(schema.Nodes.Where(node => !found.Contains(node)));
            foreach (var other in schema._includes.AsEnumerable().Reverse().Where(seen.Add))
                open.Push(other);
        }

        return found;
    }

    /// <summary>Replaces the kinds by those that have values.</summary>
    public void Keep(List<SchemaNode> nodes)
    {
        Nodes = nodes;
        _includes.Clear();
    }

    /// <summary>True when a value within a container does not nest too deep.</summary>
    public bool Fits(Frame container, Cursor? below) =>
        (below?.Depth ?? 0) + (container.Nests ? 1 : 0) + Depth <= MostDepth;

    /// <summary>Begins a value with its first byte.</summary>
    public void Start(byte value, Cursor? below, ThreadList into)
    {
        foreach (var node in Nodes)
        {
            if ((below?.Depth ?? 0) + node.Depth <= MostDepth)
                node.Start(value, below, into);
        }
    }
}
