namespace Palimpsest.Inference;

/// <summary>What of an object has come last.</summary>
internal enum ObjectPart
{
    /// <summary>The brace.</summary>
    Start,

    /// <summary>A property.</summary>
    Value,

    /// <summary>A comma.</summary>
    Comma,
}
