namespace Palimpsest.Tokenizers;

/// <summary>When a Metaspace puts its mark before a piece that has none.</summary>
internal enum PrependScheme
{
    /// <summary>At every piece.</summary>
    Always,

    /// <summary>At the beginning of the text.</summary>
    First,

    /// <summary>Nowhere.</summary>
    Never,
}
