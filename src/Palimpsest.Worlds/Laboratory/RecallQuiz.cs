namespace Palimpsest.Worlds;

/// <summary>Prompts full of facts that the recall recipe's model has never seen, with one question about
/// each.</summary>
public static class RecallQuiz
{
    private const ulong Stream = 43;

    /// <summary>Draws the prompts.</summary>
    /// <param name="task">The task of the model.</param>
    /// <param name="facts">Facts per prompt: 1 for a needle in filler.</param>
    /// <param name="filler">Words of filler among the facts of a prompt, from 0.</param>
    /// <param name="count">How many prompts, at least 1.</param>
    /// <param name="seed">Seed of facts and questions; training draws from others.</param>
    public static IReadOnlyList<KvQuestion> Draw(RecallTask task, int facts, int filler, int count, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(task);
        Require.AtLeast(count, 1);
        var random = new SeededRandom(SeededRandom.Derive(seed, Stream));
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(_ =>
                {
                    var prompt = task.Draw(facts, filler, random);
                    var fact = prompt.Facts[random.Below(facts)];
                    return new KvQuestion(task.Ids(prompt), task.Question(fact), task.Answer(fact));
                }),
        ];
    }

    /// <summary>Prompts with one fact at any depth of filler, all depths alike.</summary>
    /// <param name="task">The task of the model.</param>
    /// <param name="filler">Words of filler per prompt, from 0.</param>
    /// <param name="count">How many prompts, at least 1.</param>
    /// <param name="seed">Seed of facts, depths and filler.</param>
    public static IReadOnlyList<KvQuestion> Needle(RecallTask task, int filler, int count, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(task);
        var random = new SeededRandom(SeededRandom.Derive(seed, Stream + 2));
        return
        [
            .. Draw(task, 1, 0, count, seed)
                .Select(question =>
                {
                    var before = random.Below(Require.AtLeast(filler, 0) + 1);
                    int[] context =
                    [
                        question.Context[0],
                        .. task.FillerIds(before, random),
                        .. question.Context.Skip(1),
                        .. task.FillerIds(filler - before, random),
                    ];
                    return question with { Context = context };
                }),
        ];
    }

    /// <summary>The same questions with a stream of filler before or behind the facts.</summary>
    /// <param name="task">The task of the model.</param>
    /// <param name="questions">What is asked of which prompts.</param>
    /// <param name="tokens">Tokens of filler, from 0.</param>
    /// <param name="isBefore">Whether the facts come last; else they come first.</param>
    /// <param name="seed">Seed of the filler.</param>
    public static IReadOnlyList<KvQuestion> InStream(
        RecallTask task,
        IReadOnlyList<KvQuestion> questions,
        int tokens,
        bool isBefore,
        ulong seed
    )
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(questions);
        var random = new SeededRandom(SeededRandom.Derive(seed, Stream + 1));
        return
        [
            .. questions.Select(question =>
            {
                var (start, facts, stream) = (
                    question.Context.Take(1),
                    question.Context.Skip(1),
                    task.FillerIds(tokens, random)
                );
                return question with
                {
                    Context = isBefore ? [.. start, .. stream, .. facts] : [.. start, .. facts, .. stream],
                };
            }),
        ];
    }
}
