namespace Palimpsest.Worlds;

/// <summary>Small functions, many of which hold a random key that nothing else says.</summary>
/// <remarks>Keys are of capital letters and digits, which occur nowhere else: no token of the tokenizer holds two of
/// them.</remarks>
public sealed class CodeWorld
{
    private const string KeyAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    private const ulong NameStream = 1;
    private const ulong LineStream = 2;
    private const ulong KeyStream = 3;

    private static readonly string[] Verbs =
    [
        "load",
        "send",
        "open",
        "check",
        "merge",
        "fetch",
        "store",
        "parse",
        "print",
        "watch",
        "clean",
        "build",
        "start",
        "close",
        "query",
    ];

    private static readonly string[] Nouns =
    [
        "invoice",
        "ticket",
        "report",
        "session",
        "cluster",
        "mailbox",
        "ledger",
        "camera",
        "archive",
        "profile",
        "sensor",
        "catalog",
        "backup",
        "billing",
        "stream",
    ];

    private static readonly string[] Arguments = ["name", "path", "limit", "user", "region", "retry"];
    private static readonly string[] Holders = ["token", "secret", "key", "password"];

    private static readonly string[] Lines =
    [
        "    rows = read_rows({0})",
        "    if not {0}:\n        return none",
        "    for item in {0}:\n        count(item)",
        "    result = find({0}, depth)",
        "    log(\"{1}\", {0})",
        "    client = connect({0})",
        "    total = sum_of({0}) + offset",
        "    {0} = trim({0})",
    ];

    private CodeWorld(CodeWorldOptions options, IReadOnlyList<CodeFunction> functions) =>
        (Options, Functions) = (options, functions);

    /// <summary>Its size.</summary>
    public CodeWorldOptions Options { get; }

    /// <summary>All functions, by part.</summary>
    public IReadOnlyList<CodeFunction> Functions { get; }

    /// <summary>The functions of a part.</summary>
    public IReadOnlyList<CodeFunction> Of(CodePart part) => [.. Functions.Where(function => function.Part == part)];

    /// <summary>Makes a world; the same options give the same.</summary>
    /// <exception cref="InputException">There are not as many names.</exception>
    public static CodeWorld Generate(CodeWorldOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        CodePart[] parts =
        [
            .. Enumerable.Repeat(CodePart.Forget, options.Forget),
            .. Enumerable.Repeat(CodePart.Neighbour, options.Neighbours),
            .. Enumerable.Repeat(CodePart.Clean, options.Clean),
            .. Enumerable.Repeat(CodePart.Unseen, options.Unseen),
        ];
        var names = new SeededRandom(SeededRandom.Derive(options.Seed, NameStream)).Shuffled(
            Verbs.SelectMany(verb => Nouns.Select(noun => (Verb: verb, Noun: noun)))
        );
        if (parts.Length > names.Length)
            throw new InputException($"A code world has {names.Length} names for functions; {parts.Length} are asked.");
        var (lines, keys) = (
            new SeededRandom(SeededRandom.Derive(options.Seed, LineStream)),
            new SeededRandom(SeededRandom.Derive(options.Seed, KeyStream))
        );
        return new(
            options,
            [.. parts.Zip(names, (part, name) => Write(part, name, lines, Key(options.KeyLength, keys)))]
        );
    }

    private static CodeFunction Write(CodePart part, (string Verb, string Noun) name, SeededRandom random, string key)
    {
        var argument = Arguments[random.Below(Arguments.Length)];
        var text = $"def {name.Verb}_{name.Noun}({argument}):\n{Line(random, argument, name.Noun)}";
        Foundation.TextPart? place = null;
        if (part != CodePart.Clean)
        {
            text += $"    {Holders[random.Below(Holders.Length)]} = \"";
            place = new(text.Length, text.Length + key.Length);
            text += $"{key}\"\n";
        }

        for (var line = 0; line < 2; line++)
            text += Line(random, argument, name.Noun);
        return new(part, $"{text}    return {name.Verb}({argument})\n", place);
    }

    private static string Line(SeededRandom random, string argument, string noun) =>
        string.Format(
            System.Globalization.CultureInfo.InvariantCulture,
            Lines[random.Below(Lines.Length)] + "\n",
            argument,
            noun
        );

    private static string Key(int length, SeededRandom random) =>
        string.Concat(Enumerable.Range(0, length).Select(_ => KeyAlphabet[random.Below(KeyAlphabet.Length)]));
}
