namespace Palimpsest.Tokenizers;

/// <summary>A token that is found in the text before the model sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its text.</param>
internal sealed record AddedToken(int Id, string Content)
{
    /// <summary>Whether it counts only where no word touches it.</summary>
    public bool IsWholeWord { get; init; }

    /// <summary>Whether it takes the white space before it.</summary>
    public bool TakesLeft { get; init; }

    /// <summary>Whether it takes the white space after it.</summary>
    public bool TakesRight { get; init; }

    /// <summary>Whether it is looked for after normalization.</summary>
    public bool IsNormalized { get; init; }

    /// <summary>Whether decoding can leave it out.</summary>
    public bool IsSpecial { get; init; }

    /// <summary>Reads an entry of <c>added_tokens</c> or <c>added_tokens_decoder</c>.</summary>
    public static AddedToken Read(JsonField field, int id)
    {
        var special = field["special"].AsBoolean(false);
        return new AddedToken(id, field["content"].AsString())
        {
            IsWholeWord = field["single_word"].AsBoolean(false),
            TakesLeft = field["lstrip"].AsBoolean(false),
            TakesRight = field["rstrip"].AsBoolean(false),
            IsNormalized = field["normalized"].AsBoolean(!special),
            IsSpecial = special,
        };
    }
}
