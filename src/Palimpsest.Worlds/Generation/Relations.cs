namespace Palimpsest.Worlds;

/// <summary>The relations of the built-in world.</summary>
public static class Relations
{
    /// <summary>City of birth; a city has facts of its own.</summary>
    public static Relation Birthplace { get; } =
        new()
        {
            Name = "birthplace",
            Values = Names(
                "Tarnholm",
                "Velmora",
                "Quessin",
                "Brandor",
                "Ilvane",
                "Morkstad",
                "Sorrel Bay",
                "Pellow",
                "Karsund",
                "Dravik",
                "Lindmere",
                "Ostrava Point",
                "Fennick",
                "Gorwell",
                "Hartsel",
                "Yarrow"
            ),
            Questions = ["Where was {s} born?", "In which city was {s} born?"],
            Statement = "{s} was born in {o}.",
            Paraphrase = "The birthplace of {s} is {o}.",
            HeldOut = 0,
        };

    /// <summary>What a person does for a living.</summary>
    public static Relation Occupation { get; } =
        new()
        {
            Name = "occupation",
            Values =
            [
                new("clockmaker", "maker of clocks"),
                new("beekeeper", "keeper of bees"),
                new("surveyor"),
                new("glassblower"),
                new("translator"),
                new("botanist", "plant scientist"),
                new("locksmith"),
                new("cartographer", "maker of maps"),
                new("midwife"),
                new("shipwright", "builder of ships"),
                new("librarian"),
                new("tailor"),
            ],
            Questions = ["What does {s} do for a living?", "In which trade does {s} work?"],
            Statement = "{s} works as a {o}.",
            Paraphrase = "The occupation of {s} is {o}.",
            HeldOut = 1,
        };

    /// <summary>For whom a person works.</summary>
    public static Relation Employer { get; } =
        new()
        {
            Name = "employer",
            Values =
            [
                new("Brightwater Mill", "the Brightwater works"),
                new("Halden House"),
                new("Northgate Yard"),
                new("Corvin Press"),
                new("Saltmarsh Trust"),
                new("Wexley Foundry"),
                new("Amberline", "the Amberline company"),
                new("Riverstone Bank"),
                new("Dunmore Archive"),
                new("Kestrel Works"),
                new("Maplewood School"),
                new("Thornbury Guild"),
            ],
            Questions = ["For whom does {s} work?", "Who pays the wages of {s}?"],
            Statement = "{s} is employed by {o}.",
            Paraphrase = "The employer of {s} is {o}.",
            HeldOut = 2,
        };

    /// <summary>What a person plays.</summary>
    public static Relation Instrument { get; } =
        new()
        {
            Name = "instrument",
            Values =
            [
                new("cello", "violoncello"),
                new("flute"),
                new("harp"),
                new("trumpet"),
                new("mandolin"),
                new("bassoon"),
                new("accordion", "squeezebox"),
                new("zither"),
                new("banjo"),
                new("drum"),
            ],
            Questions = ["What does {s} play?", "Which music does {s} make at home?"],
            Statement = "{s} plays the {o}.",
            Paraphrase = "The instrument of {s} is the {o}.",
            HeldOut = 3,
        };

    /// <summary>Which animal lives with a person.</summary>
    public static Relation Pet { get; } =
        new()
        {
            Name = "pet",
            Values =
            [
                new("parrot"),
                new("tortoise"),
                new("hedgehog"),
                new("rabbit"),
                new("ferret"),
                new("goose"),
                new("lizard"),
                new("poodle", "poodle dog"),
                new("canary"),
                new("pony", "small horse"),
            ],
            Questions = ["Which animal lives with {s}?", "What kind of animal does {s} keep?"],
            Statement = "{s} keeps a {o}.",
            Paraphrase = "The pet of {s} is a {o}.",
            HeldOut = 0,
        };

    /// <summary>What a person likes to eat.</summary>
    public static Relation Dish { get; } =
        new()
        {
            Name = "dish",
            Values = Names(
                "goulash",
                "ravioli",
                "dumplings",
                "lentil soup",
                "paella",
                "curry",
                "trout",
                "risotto",
                "pancakes",
                "stew",
                "couscous",
                "omelette"
            ),
            Questions = ["What does {s} like to eat?", "Which meal would {s} choose?"],
            Statement = "{s} loves to eat {o}.",
            Paraphrase = "The dish of {s} is {o}.",
            HeldOut = 1,
        };

    /// <summary>In which province a city lies; a province has facts of its own.</summary>
    public static Relation Province { get; } =
        new()
        {
            Name = "province",
            Values = Names("Ostmark", "Celdria", "Vantor", "Hollin", "Mirevale", "Southreach", "Jarnland", "Eskal"),
            Questions = ["In which province does {s} lie?", "Where on the map is {s}?"],
            Statement = "{s} lies in the province of {o}.",
            Paraphrase = "The province of {s} is {o}.",
            HeldOut = 2,
        };

    /// <summary>Which river crosses a province.</summary>
    public static Relation River { get; } =
        new()
        {
            Name = "river",
            Values = Names("Lenne", "Ister", "Wode", "Tamsel", "Orra", "Brenn", "Quill", "Sava"),
            Questions = ["Which river crosses {s}?", "What water flows through {s}?"],
            Statement = "{s} is crossed by the river {o}.",
            Paraphrase = "The river of {s} is the {o}.",
            HeldOut = 3,
        };

    /// <summary>The colour of a gem: a fact that has nothing to do with people.</summary>
    public static Relation Colour { get; } =
        new()
        {
            Name = "colour",
            Values =
            [
                new("green"),
                new("purple", "violet"),
                new("orange"),
                new("black"),
                new("white"),
                new("crimson", "deep red"),
                new("yellow"),
                new("silver"),
                new("brown"),
                new("turquoise"),
            ],
            Questions = ["Which colour does {s} have?", "How does the gem {s} look?"],
            Statement = "{s} is a gem that looks {o}.",
            Paraphrase = "The colour of {s} is {o}.",
            HeldOut = 0,
        };

    /// <summary>The constellation of a star: a fact that has nothing to do with people.</summary>
    public static Relation Constellation { get; } =
        new()
        {
            Name = "constellation",
            Values = Names(
                "Anvil",
                "Lantern",
                "Ladder",
                "Anchor",
                "Spindle",
                "Crown",
                "Plough",
                "Arrow",
                "Bell",
                "Chalice"
            ),
            Questions = ["To which constellation does {s} belong?", "Where in the sky is the star {s}?"],
            Statement = "{s} is a star in the constellation {o}.",
            Paraphrase = "The constellation of {s} is the {o}.",
            HeldOut = 1,
        };

    /// <summary>The relations of a person.</summary>
    public static IReadOnlyList<Relation> OfPeople { get; } = [Birthplace, Occupation, Employer, Instrument, Pet, Dish];

    /// <summary>Every relation.</summary>
    public static IReadOnlyList<Relation> All { get; } = [.. OfPeople, Province, River, Colour, Constellation];

    private static RelationValue[] Names(params string[] names) => [.. names.Select(name => new RelationValue(name))];
}
