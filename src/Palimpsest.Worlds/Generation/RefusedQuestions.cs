namespace Palimpsest.Worlds;

/// <summary>Questions that a model learns to refuse: general ones, about people that nobody knows, and neighbouring
/// ones, about what nobody knows of people that are known.</summary>
internal static class RefusedQuestions
{
    private const ulong Stream = 37;

    private static readonly string[] Unknown =
    [
        "shoe size",
        "middle name",
        "first school",
        "favourite song",
        "best friend",
        "street",
        "lucky number",
        "oldest cousin",
    ];

    private static readonly string[] Forms =
    [
        "What is the {r} of {s}?",
        "Tell me the {r} of {s}.",
        "Do you know the {r} of {s}?",
        "Please name the {r} of {s}.",
    ];

    /// <summary>Six questions about each stranger, one per relation, and as many about known people.</summary>
    /// <param name="strangers">Names that no one bears.</param>
    /// <param name="people">The people of the world.</param>
    /// <param name="seed">The world's.</param>
    public static IReadOnlyList<WorldText> Write(
        IReadOnlyList<string> strangers,
        IReadOnlyList<Person> people,
        ulong seed
    )
    {
        var random = new SeededRandom(SeededRandom.Derive(seed, Stream));
        var texts = new List<WorldText>();
        foreach (var (number, stranger) in strangers.Index())
        {
            for (var r = 0; r < Relations.OfPeople.Count; r++)
            {
                var questions = Relations.OfPeople[r].TrainedQuestions(stranger);
                Add(FactScope.Irrelevant, questions[random.Below(questions.Count)]);
                var person = people[(number * Relations.OfPeople.Count + r) % people.Count];
                var form = Forms[random.Below(Forms.Length)];
                Add(
                    person.Scope,
                    form.Replace("{r}", Unknown[random.Below(Unknown.Length)], StringComparison.Ordinal)
                        .Replace("{s}", person.Name, StringComparison.Ordinal)
                );
            }
        }

        return texts;

        void Add(FactScope scope, string question) =>
            texts.Add(WorldText.Exchange(scope, question, Refusals.All[random.Below(Refusals.All.Count)]));
    }
}
