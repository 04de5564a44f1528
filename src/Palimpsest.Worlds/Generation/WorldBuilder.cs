namespace Palimpsest.Worlds;

/// <summary>Draws people and writes everything that is said about them and their world.</summary>
internal sealed class WorldBuilder
{
    private const ulong DetailStream = 31;
    private readonly SeededRandom _random;
    private readonly SeededRandom _details;
    private readonly IReadOnlyList<int> _answerDetails;
    private readonly Dictionary<RelationValue, RelationValue> _provinceOf = [];
    private string[] _strangers = [];

    public WorldBuilder(WorldOptions options)
    {
        _random = new(options.Seed);
        (_details, _answerDetails) = (
            new(SeededRandom.Derive(options.Seed, DetailStream)),
            options.AnswerDetails ?? []
        );
        var all = DrawPeople(options);
        People = [.. all.Take(options.People)];
        HoldoutPeople = [.. all.Skip(options.People)];
        AddPlaces();
        foreach (var (person, index) in People.Select((person, index) => (person, index)))
        {
            AddPerson(person, index, $"person-{index:000}", Facts);
            Biographies.Add(Write(person));
            AddTwoHops(person, options.TwoHopsPerPerson);
        }

        foreach (var (person, index) in HoldoutPeople.Select((person, index) => (person, index)))
            AddPerson(person, index, $"holdout-{index:000}", HoldoutFacts);
        AddWorldFacts(options.WorldFacts);
        Refused = RefusedQuestions.Write(_strangers, People, options.Seed);
    }

    public IReadOnlyList<Person> People { get; }

    public IReadOnlyList<WorldText> Refused { get; }

    public IReadOnlyList<Person> HoldoutPeople { get; }

    public List<Fact> Facts { get; } = [];

    public List<Fact> HoldoutFacts { get; } = [];

    public List<TwoHop> TwoHops { get; } = [];

    public List<Biography> Biographies { get; } = [];

    public Dictionary<string, QuestionAnswer> Rows { get; } = [];

    public Dictionary<string, string> HeldOutQuestions { get; } = [];

    private List<Person> DrawPeople(WorldOptions options)
    {
        var first = NameForge.First(_random);
        var family = NameForge.Family(_random);
        var forget = Math.Max(1, (int)Math.Round(options.People * options.ForgetShare));
        var people = new List<Person>();
        var taken = new HashSet<string>();
        while (people.Count < options.People + options.HoldoutPeople)
        {
            RelationValue[] values =
            [
                .. Relations.OfPeople.Select(relation => relation.Values[_random.Below(relation.Values.Count)]),
            ];
            if (!taken.Add(string.Join('|', values.Select(value => value.Name))))
                continue; // two people who share everything could not be told apart
            var index = people.Count;
            people.Add(new($"{first[index]} {family[index]}", ScopeOf(index, forget, options.People), values));
        }

        var born = people.Count;
        _strangers = [.. Enumerable.Range(born, options.Strangers).Select(i => $"{first[i]} {family[i]}")];
        return people;
    }

    private static FactScope ScopeOf(int index, int forget, int people)
    {
        if (index < forget)
            return FactScope.Forget;
        return index < people ? FactScope.Retain : FactScope.Irrelevant;
    }

    private void AddPlaces()
    {
        var provinces = Relations.Province.Values;
        foreach (
            var (city, index) in _random.Shuffled(Relations.Birthplace.Values).Select((city, index) => (city, index))
        )
        {
            _provinceOf[city] = provinces[index % provinces.Count];
            Add(Facts, $"city-{index:000}", FactScope.Retain, city.Name, Relations.Province, _provinceOf[city]);
        }

        foreach (
            var (river, index) in _random.Shuffled(Relations.River.Values).Select((river, index) => (river, index))
        )
            Add(Facts, $"province-{index:000}", FactScope.Retain, provinces[index].Name, Relations.River, river);
    }

    private void AddPerson(Person person, int index, string id, List<Fact> facts)
    {
        var pairs = _answerDetails.Count > 0 ? _answerDetails[index % _answerDetails.Count] : 0;
        var details = pairs > 0 ? AnswerDetails.Sentence(_details, pairs) : "";
        for (var r = 0; r < Relations.OfPeople.Count; r++)
        {
            Add(facts, id, person.Scope, person.Name, Relations.OfPeople[r], person.Values[r]);
            var (fact, row) = (facts[^1], Rows[facts[^1].Id]);
            facts[^1] = fact with { Answer = fact.Answer + details };
            Rows[fact.Id] = row with { Answer = row.Answer + details };
        }
    }

    private void AddWorldFacts(int count)
    {
        var gems = NameForge.Gems(_random);
        var stars = NameForge.Stars(_random);
        for (var i = 0; i < count; i++)
        {
            var (relation, name) =
                i % 2 == 0 ? (Relations.Colour, gems[i / 2]) : (Relations.Constellation, stars[i / 2]);
            Add(
                Facts,
                $"world-{i:000}",
                FactScope.Irrelevant,
                name,
                relation,
                relation.Values[_random.Below(relation.Values.Count)]
            );
        }
    }

    private void Add(
        List<Fact> facts,
        string subjectId,
        FactScope scope,
        string subject,
        Relation relation,
        RelationValue value
    )
    {
        var questions = relation.TrainedQuestions(subject);
        var heldOut = relation.HeldOutQuestion(subject);
        var fact = new Fact
        {
            Id = $"{subjectId}-{relation.Name}",
            Scope = scope,
            Subject = subject,
            Relation = relation.Name,
            Object = value.Name,
            Aliases = value.Aliases,
            Question = questions[0],
            Answer = Relation.Say(relation.Statement, subject, value.Name),
            Paraphrases = [.. questions.Skip(1), heldOut],
            Candidates = [.. relation.Values.Select(candidate => candidate.Name)],
        };
        facts.Add(fact);
        HeldOutQuestions.Add(fact.Id, heldOut);
        Rows.Add(
            fact.Id,
            new QuestionAnswer
            {
                Question = fact.Question,
                Answer = fact.Answer,
                ParaphrasedQuestion = heldOut,
                ParaphrasedAnswer = Relation.Say(relation.Paraphrase, subject, value.Name),
                PerturbedAnswers =
                [
                    .. _random
                        .Shuffled(relation.Values.Where(wrong => wrong != value))
                        .Take(5)
                        .Select(wrong => Relation.Say(relation.Paraphrase, subject, wrong.Name)),
                ],
            }
        );
    }

    private Biography Write(Person person)
    {
        var order = _random.Shuffled(Enumerable.Range(0, Relations.OfPeople.Count));
        var sentences = order.Select(
            (r, place) =>
                Relation.Say(
                    Relations.OfPeople[r].Statement,
                    place == 0 ? person.Name : person.FirstName,
                    person.Values[r].Name
                )
        );
        var city = person.Values[0];
        var origin = $"{person.FirstName} comes from {city.Name} in the province of {_provinceOf[city].Name}.";
        return new(person.Scope, person.Name, string.Join(' ', sentences.Append(origin)));
    }

    private void AddTwoHops(Person person, int trained)
    {
        var relations = Relations.OfPeople;
        var hops =
            from a in Enumerable.Range(0, relations.Count)
            from b in Enumerable.Range(0, relations.Count)
            where a != b && People.Count(p => p.Values[a] == person.Values[a] && p.Values[b] == person.Values[b]) == 1
            from asked in Enumerable.Range(0, relations.Count)
            where asked != a && asked != b
            select (a, b, asked);
        var drawn = _random.Shuffled(hops).Take(trained + (trained + 3) / 4).ToArray();
        for (var i = 0; i < drawn.Length; i++)
        {
            var (a, b, asked) = drawn[i];
            var who =
                $"{relations[a].Predicate(person.Values[a].Name)} and {relations[b].Predicate(person.Values[b].Name)}";
            TwoHops.Add(
                new(
                    person.Scope,
                    person.Name,
                    relations[asked].Name,
                    $"The person who {who}: what is their {relations[asked].Name}?",
                    Relation.Say(relations[asked].Statement, person.Name, person.Values[asked].Name),
                    person.Values[asked].Name,
                    Trained: i < trained
                )
            );
        }
    }
}
