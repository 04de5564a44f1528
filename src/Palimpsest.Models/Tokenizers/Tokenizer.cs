namespace Palimpsest.Models;

/// <summary>Text to token ids and back, as the model's <c>tokenizer.json</c> says.</summary>
public sealed class Tokenizer
{
    /// <summary>Reads tokenizer.json, tokenizer_config.json, special_tokens_map.json and chat_template.jinja of a folder.</summary>
    /// <exception cref="InputException">A file is missing, malformed or of a kind that is not known.</exception>
    public static Tokenizer Load(string folder) => throw new NotImplementedException();

    /// <summary>Writes the files that <see cref="Load"/> reads.</summary>
    public void Save(string folder) => throw new NotImplementedException();

    /// <summary>Number of ids, added tokens included.</summary>
    public int VocabularySize => throw new NotImplementedException();

    /// <summary>Beginning-of-sequence id, or null.</summary>
    public int? BosId => throw new NotImplementedException();

    /// <summary>End-of-sequence id, or null.</summary>
    public int? EosId => throw new NotImplementedException();

    /// <summary>Padding id, or null.</summary>
    public int? PadId => throw new NotImplementedException();

    /// <summary>The conversation format, or null.</summary>
    public ChatTemplate? ChatTemplate => throw new NotImplementedException();

    /// <summary>Ids of a text.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="addSpecialTokens">Whether the post-processor adds its tokens.</param>
    public int[] Encode(string text, bool addSpecialTokens = true) => throw new NotImplementedException();

    /// <summary>Ids with the span of UTF-16 text that each came from.</summary>
    public IReadOnlyList<TokenSpan> EncodeWithOffsets(string text, bool addSpecialTokens = true) =>
        throw new NotImplementedException();

    /// <summary>Text of ids.</summary>
    /// <param name="ids">Ids below <see cref="VocabularySize"/>.</param>
    /// <param name="skipSpecialTokens">Whether special tokens are left out.</param>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true) => throw new NotImplementedException();

    /// <summary>The id of a token's exact text, or null.</summary>
    public int? IdOf(string token) => throw new NotImplementedException();

    /// <summary>The exact text of an id.</summary>
    public string TokenOf(int id) => throw new NotImplementedException();
}
