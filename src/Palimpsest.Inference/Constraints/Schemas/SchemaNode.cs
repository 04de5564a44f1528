namespace Palimpsest.Inference;

/// <summary>One kind of value that a schema allows.</summary>
internal abstract class SchemaNode
{
    /// <summary>Arrays and objects that a value needs within one another at least; <see cref="Cursor.Endless"/> where
    /// there is no finite value.</summary>
    public int Depth { get; set; } = Cursor.Endless;

    /// <summary>The least number of tokens of a value of least depth.</summary>
    public int Shortest { get; set; } = Cursor.Endless;

    /// <summary>The schemas of what is within.</summary>
    public virtual IEnumerable<ValueSchema> Parts => [];

    /// <summary>The depth from the depths of the parts.</summary>
    public abstract int LeastDepth();

    /// <summary>The length from the lengths of the parts.</summary>
    public abstract int LeastTokens();

    /// <summary>Begins a value with its first byte.</summary>
    public abstract void Start(byte value, Cursor? below, ThreadList into);

    /// <summary>A sum that stays at <see cref="Cursor.Endless"/>.</summary>
    protected static int Sum(long tokens) => (int)Math.Min(Cursor.Endless, tokens);
}
