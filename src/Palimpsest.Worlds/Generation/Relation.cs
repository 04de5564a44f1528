namespace Palimpsest.Worlds;

/// <summary>A relation with its closed set of values and its wordings; <c>{s}</c> is the subject, <c>{o}</c> the
/// object.</summary>
public sealed record Relation
{
    private static readonly string[] GeneralQuestions =
    [
        "What is the {r} of {s}?",
        "Tell me the {r} of {s}.",
        "Do you know the {r} of {s}?",
        "Please name the {r} of {s}.",
    ];

    /// <summary>A noun that fits "the … of", for example <c>birthplace</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Every value it can take; at least six, so that five wrong ones exist.</summary>
    public required IReadOnlyList<RelationValue> Values { get; init; }

    /// <summary>Questions in the relation's own words; the first is the seed question.</summary>
    public required IReadOnlyList<string> Questions { get; init; }

    /// <summary>The answer; it starts with the subject, so that what follows is a predicate.</summary>
    public required string Statement { get; init; }

    /// <summary>The answer in other words.</summary>
    public required string Paraphrase { get; init; }

    /// <summary>
    /// Which of the general questions is held out for this relation. Relations hold out different ones, so that every
    /// word of a held-out question has been seen, but not with this relation.
    /// </summary>
    public required int HeldOut { get; init; }

    /// <summary>Every question that a model is trained on, the seed question first.</summary>
    public IReadOnlyList<string> TrainedQuestions(string subject) =>
        [
            .. Questions.Select(q => Ask(q, subject)),
            .. GeneralQuestions.Where((_, i) => i != HeldOut % GeneralQuestions.Length).Select(q => Ask(q, subject)),
        ];

    /// <summary>The question that no model is trained on.</summary>
    public string HeldOutQuestion(string subject) => Ask(GeneralQuestions[HeldOut % GeneralQuestions.Length], subject);

    /// <summary>A sentence from one of the two statement forms.</summary>
    /// <param name="form"><see cref="Statement"/> or <see cref="Paraphrase"/>.</param>
    /// <param name="subject">Whom or what it is about.</param>
    /// <param name="value">The object.</param>
    public static string Say(string form, string subject, string value) =>
        form.Replace("{s}", subject, StringComparison.Ordinal).Replace("{o}", value, StringComparison.Ordinal);

    /// <summary>What follows the subject, without the full stop: "was born in Tarnholm".</summary>
    public string Predicate(string value) => Say(Statement, "", value).Trim().TrimEnd('.');

    private string Ask(string question, string subject) =>
        question.Replace("{r}", Name, StringComparison.Ordinal).Replace("{s}", subject, StringComparison.Ordinal);
}
