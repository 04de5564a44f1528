namespace Palimpsest.Tokenizers;

/// <summary>One message of a conversation.</summary>
/// <param name="Role"><c>system</c>, <c>user</c> or <c>assistant</c>.</param>
/// <param name="Content">The text.</param>
public sealed record Turn(string Role, string Content)
{
    /// <summary>A user's turn.</summary>
    public static Turn User(string content) => new("user", content);

    /// <summary>A model's turn.</summary>
    public static Turn Assistant(string content) => new("assistant", content);
}
