namespace Palimpsest.Worlds;

/// <summary>A fact that stands in a prompt: three words that follow each other there and nowhere else.</summary>
/// <param name="Key">What is asked for.</param>
/// <param name="Answer">The two words behind it.</param>
public sealed record RecallFact(string Key, (string First, string Second) Answer)
{
    /// <summary>Key and answer.</summary>
    public string Text => $"{Key} {Answer.First} {Answer.Second}";
}
