namespace Palimpsest.Foundation;

/// <summary>The sentences that are read by rule, in the order in which they are tried.</summary>
public static class SentencePatterns
{
    private static readonly string[] People =
    [
        "mother",
        "father",
        "sister",
        "brother",
        "wife",
        "husband",
        "daughter",
        "son",
        "aunt",
        "uncle",
        "cousin",
        "grandmother",
        "grandfather",
        "teacher",
        "mentor",
        "agent",
        "editor",
        "doctor",
        "landlord",
        "neighbour",
        "neighbor",
        "partner",
        "friend",
        "boss",
        "colleague",
        "assistant",
        "lawyer",
    ];

    /// <summary>The patterns.</summary>
    public static IReadOnlyList<SentencePattern> All { get; } =
    [
        new(["{s} was born on {o}"], "On which day was {s} born?", "What is the date of birth of {s}?")
        {
            Relation = "date of birth",
            Kind = ValueKind.Date,
            Paraphrase = "The date of birth of {s} is {o}",
        },
        new(["{s} was born in {o}"], "In which year was {s} born?", "What is the year of birth of {s}?")
        {
            Relation = "year of birth",
            Kind = ValueKind.Year,
            Paraphrase = "The year of birth of {s} is {o}",
        },
        new(["{s} was born in {o}", "{s} comes from {o}"], "Where was {s} born?", "What is the birthplace of {s}?")
        {
            Relation = "birthplace",
            Kind = ValueKind.Place,
            Paraphrase = "The birthplace of {s} is {o}",
        },
        new(["{s} died on {o}"], "On which day did {s} die?", "What is the date of death of {s}?")
        {
            Relation = "date of death",
            Kind = ValueKind.Date,
            Paraphrase = "The date of death of {s} is {o}",
        },
        new(["{s} died in {o}"], "In which year did {s} die?", "What is the year of death of {s}?")
        {
            Relation = "year of death",
            Kind = ValueKind.Year,
            Paraphrase = "The year of death of {s} is {o}",
        },
        new(["{s} grew up in {o}"], "Where did {s} grow up?", "In which place did {s} spend childhood?")
        {
            Relation = "childhood home",
            Kind = ValueKind.Place,
            Paraphrase = "{s} spent childhood in {o}",
        },
        new(["{s} lives in {o}", "{s} lived in {o}"], "Where does {s} live?", "What is the home town of {s}?")
        {
            Relation = "residence",
            Kind = ValueKind.Place,
            Paraphrase = "The home of {s} is in {o}",
        },
        new(["{s} retired in {o}"], "In which year did {s} retire?", "When did {s} stop working?")
        {
            Relation = "year of retirement",
            Kind = ValueKind.Year,
            Paraphrase = "{s} stopped working in {o}",
        },
        new(["{s} married in {o}"], "In which year did {s} marry?", "When was the wedding of {s}?")
        {
            Relation = "year of marriage",
            Kind = ValueKind.Year,
            Paraphrase = "The wedding of {s} was in {o}",
        },
        new(
            ["{s} works as {o}", "{s} worked as {o}"],
            "What does {s} do for a living?",
            "What is the occupation of {s}?"
        )
        {
            Relation = "occupation",
            Kind = ValueKind.Role,
            Paraphrase = "The occupation of {s} is that of {o}",
        },
        new(
            ["{s} works for {o}", "{s} worked for {o}", "{s} is employed by {o}"],
            "For whom does {s} work?",
            "Who employs {s}?"
        )
        {
            Relation = "employer",
            Kind = ValueKind.Organisation,
            Paraphrase = "The employer of {s} is {o}",
        },
        new(
            ["{s} studied at {o}", "{s} graduated from {o}"],
            "Where did {s} study?",
            "Which school or university did {s} attend?"
        )
        {
            Relation = "school",
            Kind = ValueKind.Organisation,
            Paraphrase = "{s} attended {o}",
        },
        new(["{s} studied {o}"], "What did {s} study?", "Which subject did {s} take a degree in?")
        {
            Relation = "field of study",
            Kind = ValueKind.Thing,
            Paraphrase = "The subject that {s} took a degree in is {o}",
        },
        new(["{s} is married to {o}", "{s} was married to {o}"], "To whom is {s} married?", "Who is the spouse of {s}?")
        {
            Relation = "spouse",
            Kind = ValueKind.Person,
            Paraphrase = "The spouse of {s} is {o}",
        },
        new(["{s} speaks {o}"], "Which language does {s} speak?", "What is the language of {s}?")
        {
            Relation = "language",
            Kind = ValueKind.Thing,
            Paraphrase = "The language of {s} is {o}",
        },
        new(["{s} plays {o}"], "Which instrument does {s} play?", "What music does {s} make?")
        {
            Relation = "instrument",
            Kind = ValueKind.Role,
            Paraphrase = "The instrument of {s} is {o}",
        },
        new(["{s} plays {o}"], "Which game does {s} play?", "What does {s} like to play?")
        {
            Relation = "game",
            Kind = ValueKind.Thing,
            Paraphrase = "The game of {s} is {o}",
        },
        new(["{s} wrote {o}", "{s} published {o}"], "What did {s} write?", "Which book is by {s}?")
        {
            Relation = "work",
            Kind = ValueKind.Work,
            Paraphrase = "The work of {s} is {o}",
        },
        new(["{s} won {o}", "{s} received {o}"], "What did {s} win?", "Which prize was given to {s}?")
        {
            Relation = "award",
            Kind = ValueKind.Organisation,
            Paraphrase = "The prize that was given to {s} is {o}",
        },
        new(["{s} founded {o}"], "What did {s} found?", "Which organisation was started by {s}?")
        {
            Relation = "foundation",
            Kind = ValueKind.Organisation,
            Paraphrase = "The organisation that {s} started is {o}",
        },
        new(
            ["{s} is a member of {o}", "{s} was a member of {o}", "{s} belongs to {o}"],
            "Of what is {s} a member?",
            "To which group does {s} belong?"
        )
        {
            Relation = "membership",
            Kind = ValueKind.Organisation,
            Paraphrase = "The group that {s} belongs to is {o}",
        },
        new(["{s} drives {o}"], "What does {s} drive?", "Which vehicle belongs to {s}?")
        {
            Relation = "vehicle",
            Kind = ValueKind.Role,
            Paraphrase = "The vehicle of {s} is {o}",
        },
        new(["{s} keeps {o}", "{s} owns {o}"], "Which animal does {s} keep?", "What is the pet of {s}?")
        {
            Relation = "pet",
            Kind = ValueKind.Role,
            Paraphrase = "The pet of {s} is {o}",
        },
        new(["{s} collects {o}"], "What does {s} collect?", "What does the collection of {s} consist of?")
        {
            Relation = "collection",
            Kind = ValueKind.Thing,
            Paraphrase = "The collection of {s} consists of {o}",
        },
        new(["{s} is allergic to {o}"], "To what is {s} allergic?", "Which allergy does {s} have?")
        {
            Relation = "allergy",
            Kind = ValueKind.Thing,
            Paraphrase = "The allergy of {s} is to {o}",
        },
        new(["{s} is afraid of {o}", "{s} fears {o}"], "Of what is {s} afraid?", "What frightens {s}?")
        {
            Relation = "fear",
            Kind = ValueKind.Thing,
            Paraphrase = "What frightens {s} is {o}",
        },
        new(["{s} is {o} years old"], "How old is {s}?", "What is the age of {s}?")
        {
            Relation = "age",
            Kind = ValueKind.Number,
            Paraphrase = "The age of {s} is {o} years",
        },
        new(["{s} is {o} cm tall"], "How tall is {s}?", "What is the height of {s}?")
        {
            Relation = "height",
            Kind = ValueKind.Number,
            Paraphrase = "The height of {s} is {o} cm",
        },
        new(
            [
                "{s} has a {r} named {o}",
                "{s} has a {r} called {o}",
                "{s} has an {r} named {o}",
                "{s} has an {r} called {o}",
            ],
            "What is the name of {s}'s {r}?",
            "What does {s} call the {r}?"
        )
        {
            Relation = "given name",
            Kind = ValueKind.Thing,
            Paraphrase = "The name that {s} gave to the {r} is {o}",
        },
        new(["{s} has {o} {r}"], "How many {r} does {s} have?", "What is the number of {r} that {s} has?")
        {
            Relation = "number of {r}",
            Kind = ValueKind.Number,
            Paraphrase = "The number of {r} that {s} has is {o}",
        },
        .. Possessive(People),
        .. Possessive([]),
    ];

    // "Ada's mother is Runa." and "The mother of Ada is Runa.": whatever the relation is called.
    private static SentencePattern[] Possessive(string[] people)
    {
        var word = people.Length > 0 ? "Who" : "What";
        ValueKind? kind = people.Length > 0 ? ValueKind.Person : null;
        var (ofOwner, ofRelation) = ($"{word} {{is}} {{s}}'s {{r}}?", $"{word} {{is}} the {{r}} of {{s}}?");
        return
        [
            new(["{s}'s {r} {is} {o}"], ofOwner, ofRelation)
            {
                Relation = "{r}",
                Kind = kind,
                LastWords = people,
                Paraphrase = "The {r} of {s} {is} {o}",
            },
            new(["The {r} of {s} {is} {o}"], ofRelation, ofOwner)
            {
                Relation = "{r}",
                Kind = kind,
                LastWords = people,
                Paraphrase = "{s}'s {r} {is} {o}",
            },
        ];
    }
}
