using System.Diagnostics;

namespace Palimpsest.Worlds;

/// <summary>Asks a model about contexts that it has read, while a policy decides what its cache holds of
/// them.</summary>
/// <remarks>
/// The prompt is read at once or in parts, then the policy acts; the answer is what the model itself says, greedily. A
/// question in the prompt is read before the policy acts, so that the answer's first token comes from the whole prompt
/// and the others from what is left; a question afterwards is read token by token from what is left. Questions of
/// equal lengths are read in one batch, so that nothing is padded.
/// </remarks>
/// <param name="model">The model; it stays the caller's.</param>
/// <param name="questions">At least one.</param>
/// <param name="batchSize">Most rows at once, at least 1.</param>
public sealed class KvQuiz(CausalLM model, IReadOnlyList<KvQuestion> questions, int batchSize = 64)
{
    /// <summary>Tokens of the prompt that are read at once, at least 1: a policy with a number of entries acts after
    /// each part, as in a stream. By default all of them.</summary>
    public int PartTokens
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = int.MaxValue;

    /// <summary>Asks every question once.</summary>
    /// <param name="policy">What is held; null for everything.</param>
    /// <param name="asksFirst">Whether the question is in the prompt that the policy cuts down.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="InputException">The policy cannot serve the model.</exception>
    public KvScore Ask(IKvPolicy? policy, bool asksFirst, CancellationToken cancellationToken = default)
    {
        using var grad = no_grad();
        var (right, bytes, prefill, decode) = (0, default(KvBytes), 0.0, 0.0);
        var groups = questions.GroupBy(q => (q.Context.Count, q.Question.Count, q.Answer.Count));
        foreach (var rows in groups.SelectMany(group => group.Chunk(batchSize)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var run = Ask(rows, policy, asksFirst);
            right += run.Right;
            bytes += run.Bytes;
            prefill += run.Prefill;
            decode += run.Decode;
        }

        var n = Require.AtLeast(questions.Count, 1, nameof(questions));
        return new(new(right, n), new(bytes.Logical / n, bytes.Physical / n), prefill, decode);
    }

    private (int Right, KvBytes Bytes, double Prefill, double Decode) Ask(
        KvQuestion[] rows,
        IKvPolicy? policy,
        bool asksFirst
    )
    {
        using var scope = NewDisposeScope();
        var (context, question, answer) = (rows[0].Context.Count, rows[0].Question.Count, rows[0].Answer.Count);
        using var cache = new KvCache(model.Config, rows.Length, context + question + answer - 1, model.Device, policy);
        var clock = Stopwatch.StartNew();
        var told = ReadPrompt(
            cache,
            [.. rows.Select(row => asksFirst ? (int[])[.. row.Context, .. row.Question] : [.. row.Context])]
        );
        var prefill = clock.Elapsed.TotalSeconds;
        var bytes = cache.Bytes;
        clock.Restart();
        for (var i = 0; i < question && !asksFirst; i++)
            told = Read(cache, [.. rows.Select(row => (long)row.Question[i])], KvPhase.Step);
        var isRight = rows.Select(_ => true).ToArray();
        for (var i = 0; i < answer; i++)
        {
            for (var row = 0; row < rows.Length; row++)
                isRight[row] &= told[row] == rows[row].Answer[i];
            if (i + 1 < answer)
                told = Read(cache, told, KvPhase.Step);
        }

        return (isRight.Count(right => right), bytes, prefill, clock.Elapsed.TotalSeconds);
    }

    private long[] ReadPrompt(KvCache cache, int[][] rows)
    {
        var (length, told) = (rows[0].Length, Array.Empty<long>());
        for (var (start, count) = (0, 0); start < length; start += count)
        {
            count = Math.Min(PartTokens, length - start);
            var phase = start + count == length ? KvPhase.PrefillEnd : KvPhase.PrefillChunk;
            told = Read(cache, [.. rows.SelectMany(row => row[start..(start + count)]).Select(id => (long)id)], phase);
        }

        return told;
    }

    /// <summary>Reads as many tokens of every row, row after row; the likeliest next one of each.</summary>
    private long[] Read(KvCache cache, long[] ids, KvPhase phase)
    {
        using var scope = NewDisposeScope();
        var input = new ForwardInput
        {
            TokenIds = tensor(ids, [cache.Batch, ids.Length / cache.Batch], device: model.Device),
            Cache = cache,
            Phase = phase,
            Logits = LogitsFor.LastToken,
        };
        return model.Forward(input).Logits!.argmax(-1).view(-1).cpu().data<long>().ToArray();
    }
}
