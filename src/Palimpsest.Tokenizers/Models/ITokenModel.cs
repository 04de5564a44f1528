namespace Palimpsest.Tokenizers;

/// <summary>Splits pieces into tokens of a vocabulary.</summary>
internal interface ITokenModel
{
    /// <summary>The tokens and their ids.</summary>
    Vocabulary Vocabulary { get; }

    /// <summary>The tokens of a piece that is not empty; callers do not change the array.</summary>
    ModelToken[] Tokenize(ReadOnlySpan<char> piece);

    /// <summary>Whether an id's text in an encoding is the piece's own text, not the vocabulary's.</summary>
    bool ShowsSource(int id) => false;
}
