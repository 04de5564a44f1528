namespace Palimpsest.Tokenizers;

/// <summary>Cuts text into the pieces that the model sees one at a time.</summary>
internal interface IPreTokenizer
{
    /// <summary>Cuts or rewrites the pieces in place.</summary>
    void Apply(PieceText text);
}
