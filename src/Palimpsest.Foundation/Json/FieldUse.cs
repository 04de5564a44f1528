namespace Palimpsest.Foundation;

/// <summary>What is done with a field of a file whose layout another program defined.</summary>
public enum FieldUse
{
    /// <summary>It is read, and what it says is done.</summary>
    Obeyed,

    /// <summary>It changes nothing of what is computed here.</summary>
    WithoutEffect,

    /// <summary>It would change what is computed, in a way that is not supported.</summary>
    Refused,
}
