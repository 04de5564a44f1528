namespace Palimpsest.Worlds;

/// <summary>Facts that stand in the prompt alone, drawn anew for every prompt, and questions about them.</summary>
/// <remarks>
/// A fact is <c>Milio Torven Sasel</c>; no word stands twice among a prompt's facts. Filler of other words is between
/// facts. A question is <c>ask Milio</c>, its answer the two words that stood behind that. Keys and answers are words
/// of one vocabulary, because a word that is never an answer is only ever pushed away where the head is the embedding,
/// and all such words become alike. Every word is one token.
/// </remarks>
public sealed class RecallTask
{
    private const int WordsOfFact = 3;
    private const string Ask = "ask";

    private static readonly string[] Filler = (
        "and then there was some more of it while all the others went on talking about a road that nobody knew under "
        + "clouds for hours"
    )
        .Split(' ')
        .Distinct()
        .ToArray();

    private readonly string[] _words;
    private readonly Dictionary<string, int> _ids;

    /// <summary>Draws the words.</summary>
    /// <param name="options">How many, and the seed.</param>
    /// <exception cref="InputException">There are too few words for the facts.</exception>
    public RecallTask(RecallTaskOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Words < WordsOfFact * options.Facts)
            throw new InputException(
                $"{options.Facts} facts of {WordsOfFact} words need as many different words; there are {options.Words}."
            );
        _words = [.. NameForge.First(new SeededRandom(options.Seed)).Take(options.Words)];
        string[] all = [.. _words, .. Filler, Ask];
        Tokenizer = WordLevelTrainer.Train([string.Join(' ', all)], new());
        _ids = all.ToDictionary(word => word, word => Tokenizer.Encode(word, addSpecialTokens: false).Single());
    }

    /// <summary>A tokenizer with one id per word.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>Facts among filler.</summary>
    /// <param name="facts">How many facts, from 1 to a third of the words.</param>
    /// <param name="filler">Words of filler, from 0.</param>
    /// <param name="random">Draws all of it.</param>
    public RecallPrompt Draw(int facts, int filler, SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(random);
        Require.InRange(facts, atLeast: 1, atMost: _words.Length / WordsOfFact);
        Require.AtLeast(filler, 0);
        var drawn = random
            .Shuffled(_words)
            .Take(WordsOfFact * facts)
            .Chunk(WordsOfFact)
            .Select(words => new RecallFact(words[0], (words[1], words[2])))
            .ToArray();
        var gaps = new int[facts + 1];
        for (var i = 0; i < filler; i++)
            gaps[random.Below(gaps.Length)]++;
        var text = new List<string>();
        for (var i = 0; i <= facts; i++)
        {
            text.AddRange(Enumerable.Range(0, gaps[i]).Select(_ => AnyFiller(random)));
            if (i < facts)
                text.Add(drawn[i].Text);
        }

        return new(drawn, string.Join(' ', text));
    }

    /// <summary>A row to learn from: facts among filler, then questions with their answers, which alone are
    /// predicted.</summary>
    /// <param name="prompt">The facts.</param>
    /// <param name="questions">Most questions, at least 1; each is about another fact.</param>
    /// <param name="random">Draws which and their order.</param>
    /// <param name="row">Its place in the data.</param>
    public TokenSequence Row(RecallPrompt prompt, int questions, SeededRandom random, int row)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(random);
        Require.AtLeast(questions, 1);
        var ids = Ids(prompt).ToList();
        var start = ids.Count;
        foreach (var fact in random.Shuffled(prompt.Facts).Take(questions))
            ids.AddRange([.. Question(fact), .. Answer(fact)]);
        return new([.. ids], start, row)
        {
            Labels = [.. Enumerable.Range(0, ids.Count).Select(i => i >= start && (i - start) % 4 >= 2)],
        };
    }

    /// <summary>The ids of a prompt, the beginning of text first.</summary>
    /// <param name="prompt">Facts among filler.</param>
    public int[] Ids(RecallPrompt prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return [Tokenizer.BosId!.Value, .. prompt.Text.Split(' ').Select(word => _ids[word])];
    }

    /// <summary>The ids of words of filler.</summary>
    /// <param name="count">How many, from 0.</param>
    /// <param name="random">Draws them.</param>
    public int[] FillerIds(int count, SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return [.. Enumerable.Range(0, Require.AtLeast(count, 0)).Select(_ => _ids[AnyFiller(random)])];
    }

    /// <summary>The ids of the question about a fact.</summary>
    /// <param name="fact">The fact.</param>
    public int[] Question(RecallFact fact)
    {
        ArgumentNullException.ThrowIfNull(fact);
        return [_ids[Ask], _ids[fact.Key]];
    }

    /// <summary>The ids of its answer.</summary>
    /// <param name="fact">The fact.</param>
    public int[] Answer(RecallFact fact)
    {
        ArgumentNullException.ThrowIfNull(fact);
        return [_ids[fact.Answer.First], _ids[fact.Answer.Second]];
    }

    private static string AnyFiller(SeededRandom random) => Filler[random.Below(Filler.Length)];
}
