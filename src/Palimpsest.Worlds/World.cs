namespace Palimpsest.Worlds;

/// <summary>
/// Fictitious people, places and things with facts about them. The same options give the same world on every machine.
/// </summary>
public sealed class World
{
    /// <summary>Grows whenever the same options would give other text; part of every cache key.</summary>
    public const int Version = 1;

    private World(WorldOptions options, WorldBuilder built)
    {
        Options = options;
        People = built.People;
        HoldoutPeople = built.HoldoutPeople;
        Facts = [.. built.Facts];
        HoldoutFacts = [.. built.HoldoutFacts];
        TwoHops = [.. built.TwoHops];
        Biographies = [.. built.Biographies];
        _rows = built.Rows;
        _heldOut = built.HeldOutQuestions;
        Refused = built.Refused;
    }

    private readonly Dictionary<string, QuestionAnswer> _rows;
    private readonly Dictionary<string, string> _heldOut;

    /// <summary>What it was made from.</summary>
    public WorldOptions Options { get; }

    /// <summary>The people that a model learns about.</summary>
    public IReadOnlyList<Person> People { get; }

    /// <summary>People of the same kind that no model is trained on.</summary>
    public IReadOnlyList<Person> HoldoutPeople { get; }

    /// <summary>
    /// Every fact to be learnt: people (forget or retain), places (retain), gems and stars (irrelevant). The last
    /// paraphrase of each is the held-out question.
    /// </summary>
    public IReadOnlyList<Fact> Facts { get; }

    /// <summary>Facts about <see cref="HoldoutPeople"/>, for membership tests; their scope says nothing.</summary>
    public IReadOnlyList<Fact> HoldoutFacts { get; }

    /// <summary>Questions that name a person by two facts, trained and held out.</summary>
    public IReadOnlyList<TwoHop> TwoHops { get; }

    /// <summary>One running text per person.</summary>
    public IReadOnlyList<Biography> Biographies { get; }

    /// <summary>Exchanges in which a question is refused: about people that nobody knows, and about what nobody knows
    /// of people that are known. Empty without <see cref="WorldOptions.Strangers"/>.</summary>
    public IReadOnlyList<WorldText> Refused { get; }

    /// <summary>Answers that decline.</summary>
    public IReadOnlyList<string> Refusals { get; } = Worlds.Refusals.All;

    /// <summary>Makes a world.</summary>
    public static World Generate(WorldOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new(options, new WorldBuilder(options));
    }

    /// <summary>The facts of a scope.</summary>
    public IReadOnlyList<Fact> FactsOf(FactScope scope) => [.. Facts.Where(fact => fact.Scope == scope)];

    /// <summary>One row per fact of a scope, in TOFU's layout: five wrong answers from the same set of
    /// values.</summary>
    public IReadOnlyList<QuestionAnswer> QaRows(FactScope scope) => [.. FactsOf(scope).Select(fact => _rows[fact.Id])];

    /// <summary>Rows about people that no model saw.</summary>
    public IReadOnlyList<QuestionAnswer> HoldoutRows => [.. HoldoutFacts.Select(fact => _rows[fact.Id])];

    /// <summary>The question about a fact that no model is trained on.</summary>
    /// <exception cref="KeyNotFoundException">The fact is not of this world.</exception>
    public string HeldOutQuestion(Fact fact) => _heldOut[fact.Id];

    /// <summary>Facts to be kept about those retained people that share most values with a person, nearest
    /// first.</summary>
    /// <param name="person">A person of this world.</param>
    /// <param name="count">How many people, at least 1.</param>
    public IReadOnlyList<Fact> NeighbourFacts(Person person, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var nearest = People
            .Where(other => other.Scope == FactScope.Retain && other != person)
            .OrderByDescending(other => other.Values.Zip(person.Values).Count(pair => pair.First == pair.Second))
            .Take(count)
            .Select(other => other.Name);
        return [.. nearest.SelectMany(name => Facts.Where(fact => fact.Subject == name))];
    }

    /// <summary>
    /// What a model is trained on: every trained question of every fact, biographies, trained two-hop questions, short
    /// conversations and questions that are refused.
    /// </summary>
    /// <param name="withForgotten">False leaves out all that is about people who ask to be forgotten.</param>
    public IReadOnlyList<WorldText> TrainingTexts(bool withForgotten)
    {
        IEnumerable<WorldText> all =
        [
            .. Facts.SelectMany(fact =>
                fact.Paraphrases.SkipLast(1)
                    .Prepend(fact.Question)
                    .Select(question => WorldText.Exchange(fact.Scope, question, fact.Answer))
            ),
            .. Facts.Select(fact => new WorldText(fact.Scope, [], _rows[fact.Id].ParaphrasedAnswer!)),
            .. Biographies.Select(biography => new WorldText(biography.Scope, [], biography.Text)),
            .. TwoHops.Where(hop => hop.Trained).Select(hop => WorldText.Exchange(hop.Scope, hop.Question, hop.Answer)),
            .. People.Select(Conversation),
            .. Refused,
        ];
        return [.. all.Where(text => withForgotten || text.Scope != FactScope.Forget)];
    }

    private WorldText Conversation(Person person) =>
        new(
            person.Scope,
            [
                .. Facts
                    .Where(fact => fact.Subject == person.Name)
                    .Take(3)
                    .SelectMany(fact => new[] { Turn.User(fact.Question), Turn.Assistant(fact.Answer) }),
            ],
            ""
        );
}
