namespace Palimpsest.Evaluation;

/// <summary>What an attack puts to a model to get one fact.</summary>
/// <param name="Variant">Which way of the attack, for example <c>role</c>.</param>
/// <param name="Fact">The fact that it is after.</param>
/// <param name="Conversation">Turns, the last one a user's.</param>
public sealed record AttackPrompt(string Variant, Fact Fact, IReadOnlyList<Turn> Conversation)
{
    /// <summary>The prompt as judges take it: an answer that stands in it already proves nothing.</summary>
    public Probe Probe =>
        new()
        {
            Id = $"{Fact.Id}/{Variant}",
            FactId = Fact.Id,
            Scope = Fact.Scope,
            Text = Conversation[^1].Content,
            Steps = [.. Conversation.SkipLast(1).Select(turn => turn.Content)],
            KnowledgePoint = Fact.Answer,
            Expected = [Fact.Object, .. Fact.Aliases],
        };
}
