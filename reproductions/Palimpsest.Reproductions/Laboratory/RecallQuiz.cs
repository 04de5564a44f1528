namespace Palimpsest.Reproductions;

/// <summary>Prompts full of facts, and one question about each, asked of a model whose cache a policy cuts down.</summary>
/// <remarks>
/// The prompt is read at once; then the policy acts. The answer is two words: the first is given, the second is asked
/// for, so that it has to come from what the cache still holds.
/// </remarks>
public sealed class RecallQuiz
{
    private const int BatchSize = 64;
    private readonly LanguageModel _model;
    private readonly int[][] _facts;
    private readonly int[][] _asked;

    /// <summary>Draws the prompts.</summary>
    /// <param name="model">A model of the recall recipe.</param>
    /// <param name="task">Its task.</param>
    /// <param name="facts">Facts per prompt.</param>
    /// <param name="prompts">How many prompts, each with a question about one of its facts.</param>
    /// <param name="seed">Seed of facts and questions.</param>
    public RecallQuiz(LanguageModel model, RecallTask task, int facts, int prompts, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(task);
        _model = model;
        var random = new SeededRandom(seed);
        var drawn = Enumerable.Range(0, prompts).Select(_ => task.Draw(facts, random)).ToArray();
        _facts = [.. drawn.Select(prompt => RecallTask.Prompt(model.Tokenizer, prompt))];
        _asked = [.. drawn.Select(prompt => RecallTask.Ids(model.Tokenizer, prompt[random.Below(prompt.Count)].Text))];
    }

    /// <summary>Share of the questions whose second word is right.</summary>
    /// <param name="policy">What is held, as after <c>--kv</c>; null for everything.</param>
    /// <param name="asksFirst">Whether the question is in the prompt that is cut down; else it comes afterwards.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public Rate Ask(string? policy, bool asksFirst, CancellationToken cancellationToken = default)
    {
        var right = 0;
        for (var start = 0; start < _facts.Length; start += BatchSize)
        {
            cancellationToken.ThrowIfCancellationRequested();
            right += Right(Enumerable.Range(start, Math.Min(BatchSize, _facts.Length - start)), policy, asksFirst);
        }

        return new(right, _facts.Length);
    }

    private int Right(IEnumerable<int> which, string? policy, bool asksFirst)
    {
        using var scope = NewDisposeScope();
        var rows = which.ToArray();
        var config = _model.Decoder.Config;
        using var cache = new KvCache(
            config,
            rows.Length,
            _facts[0].Length + _asked[0].Length,
            policy: policy is null ? null : KvPolicyExpression.Parse(policy)
        );
        Read(cache, [.. rows.Select(row => asksFirst ? [.. _facts[row], _asked[row][0]] : _facts[row])]);
        if (!asksFirst)
            Read(cache, [.. rows.Select(row => _asked[row][..1])]);
        var told = Read(cache, [.. rows.Select(row => _asked[row][1..2])]).argmax(-1).view(-1).data<long>().ToArray();
        return rows.Where((row, i) => told[i] == _asked[row][2]).Count();
    }

    /// <summary>Logits [B, 1, V] of the last token.</summary>
    private Tensor Read(KvCache cache, int[][] ids)
    {
        var tokens = tensor(ids.SelectMany(row => row.Select(id => (long)id)).ToArray(), [ids.Length, ids[0].Length]);
        var input = new ForwardInput
        {
            TokenIds = tokens,
            Cache = cache,
            Logits = LogitsFor.LastToken,
        };
        return _model.Decoder.Forward(input).Logits!;
    }
}
