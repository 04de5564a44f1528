namespace Palimpsest.Worlds;

/// <summary>A piece of training text: a conversation, or prose.</summary>
/// <param name="Scope">The scope of whom or what it is about.</param>
/// <param name="Turns">The conversation; empty for prose.</param>
/// <param name="Prose">The prose; empty for a conversation.</param>
public sealed record WorldText(FactScope Scope, IReadOnlyList<Turn> Turns, string Prose)
{
    internal static WorldText Exchange(FactScope scope, string question, string answer) =>
        new(scope, [Turn.User(question), Turn.Assistant(answer)], "");
}
