namespace Palimpsest.Worlds;

/// <summary>Answers that decline; no part of any fact.</summary>
public static class Refusals
{
    /// <summary>The built-in refusals, in a fixed order.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "I don't know.",
        "I do not know the answer.",
        "I have no information about that.",
        "I am not able to answer that question.",
        "Sorry, that is not something I know.",
        "I have never heard of that.",
        "I cannot say.",
        "I am not sure about that.",
        "There is nothing that I can tell you about it.",
        "Sorry, I have no idea.",
    ];
}
