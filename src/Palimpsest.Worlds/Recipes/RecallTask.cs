namespace Palimpsest.Worlds;

/// <summary>Facts that stand in the prompt alone: who holds what, drawn anew for every prompt.</summary>
/// <remarks>
/// A fact is <c>Milio red lantern</c>; a question is a name, and its answer the two words that stood behind it. Every
/// word is one token of <see cref="Tokenizer"/>.
/// </remarks>
public sealed class RecallTask
{
    private readonly string[] _names;

    /// <summary>Draws the names.</summary>
    /// <param name="options">How many, and the seed.</param>
    public RecallTask(RecallTaskOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _names = [.. NameForge.First(new SeededRandom(options.Seed)).Take(options.Names)];
    }

    /// <summary>A tokenizer with one id per word and mark.</summary>
    /// <param name="cancellationToken">Stops it.</param>
    public Tokenizer Tokenizer(CancellationToken cancellationToken = default) =>
        WordLevelTrainer.Train(
            [string.Join(' ', [.. _names, .. AnswerDetails.Kinds, .. AnswerDetails.Things])],
            new(),
            cancellationToken
        );

    /// <summary>Facts about so many different names.</summary>
    /// <param name="count">How many, from 1 to the number of names.</param>
    /// <param name="random">Draws names and what they hold.</param>
    public IReadOnlyList<RecallFact> Draw(int count, SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(random);
        Require.InRange(count, atLeast: 1, atMost: _names.Length);
        return
        [
            .. random.Shuffled(_names).Take(count).Select(name => new RecallFact(name, AnswerDetails.Pair(random))),
        ];
    }

    /// <summary>A row to learn from: facts, and all of them again in another order, of which the answers are
    /// predicted.</summary>
    /// <param name="tokenizer">This task's.</param>
    /// <param name="count">How many facts.</param>
    /// <param name="random">Draws them.</param>
    /// <param name="row">Its place in the data.</param>
    public TokenSequence Row(Tokenizer tokenizer, int count, SeededRandom random, int row)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        var facts = Draw(count, random);
        List<int> ids = [.. Prompt(tokenizer, facts)];
        List<bool> labels = [.. ids.Select(_ => false)];
        var start = ids.Count;
        foreach (var fact in random.Shuffled(facts))
        {
            var (question, whole) = (Ids(tokenizer, fact.Name), Ids(tokenizer, fact.Text));
            ids.AddRange(whole);
            labels.AddRange(whole.Select((_, i) => i >= question.Length));
        }

        return new([.. ids], start, row) { Labels = labels };
    }

    /// <summary>The ids of facts in the order given, the first token of all before them.</summary>
    /// <param name="tokenizer">This task's.</param>
    /// <param name="facts">The facts.</param>
    public static int[] Prompt(Tokenizer tokenizer, IReadOnlyList<RecallFact> facts)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return tokenizer.Encode(string.Join(' ', facts.Select(fact => fact.Text)));
    }

    /// <summary>The ids of a piece of text in the middle of a prompt.</summary>
    /// <param name="tokenizer">This task's.</param>
    /// <param name="text">Words of the task with blanks between.</param>
    public static int[] Ids(Tokenizer tokenizer, string text)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return tokenizer.Encode(text, addSpecialTokens: false);
    }
}
