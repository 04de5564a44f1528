namespace Palimpsest.Reproductions;

/// <summary>How well a model predicts a stream of the prose that it learnt from, through a cache that a policy
/// bounds.</summary>
internal sealed class StreamPerplexity
{
    private const int Part = 4;
    private readonly CausalLM _model;
    private readonly long[][] _rows;

    /// <summary>Streams of texts in random orders, the beginning of text before the first alone.</summary>
    /// <param name="model">The model and its tokenizer.</param>
    /// <param name="world">Its world.</param>
    /// <param name="rows">Streams, at least 1.</param>
    /// <param name="tokens">Tokens of a stream.</param>
    /// <param name="seed">Seed of the orders.</param>
    public StreamPerplexity(LanguageModel model, World world, int rows, int tokens, ulong seed)
    {
        _model = model.Decoder;
        var random = new SeededRandom(seed);
        int[][] texts =
        [
            .. world
                .TrainingTexts(withForgotten: true)
                .Where(text => text.Turns.Count == 0)
                .Select(text => model.Tokenizer.Encode(text.Prose, addSpecialTokens: false)),
        ];
        LongestText = texts.Max(text => text.Length) + 1;
        _rows =
        [
            .. Enumerable
                .Range(0, rows)
                .Select(_ =>
                {
                    long[] stream = [model.Tokenizer.BosId!.Value];
                    while (stream.Length <= tokens)
                        stream = [.. stream, .. random.Shuffled(texts).SelectMany(ids => ids).Select(id => (long)id)];
                    return stream[..(tokens + 1)];
                }),
        ];
    }

    /// <summary>Tokens of the longest text that the model was trained on, as far as the stream has it.</summary>
    public int LongestText { get; }

    /// <summary>Perplexity of the tokens of the second half.</summary>
    /// <param name="policy">What is held.</param>
    /// <param name="cancellationToken">Stops between parts.</param>
    public double Of(IKvPolicy policy, CancellationToken cancellationToken)
    {
        using var grad = no_grad();
        var (length, sum, count) = (_rows[0].Length - 1, 0.0, 0L);
        using var cache = new KvCache(_model.Config, _rows.Length, length, policy: policy);
        for (var start = 0; start < length; start += Part)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var size = Math.Min(Part, length - start);
            var input = new ForwardInput
            {
                TokenIds = Ids(start, size),
                Cache = cache,
                Phase = KvPhase.PrefillChunk,
            };
            var nll = TokenNll.FromLogits(_model.Forward(input).Logits!, Ids(start + 1, size));
            if (start < length / 2)
                continue;
            sum += nll.sum().item<float>();
            count += nll.numel();
        }

        return Math.Exp(sum / count);
    }

    private Tensor Ids(int start, int size) =>
        tensor([.. _rows.SelectMany(row => row[start..(start + size)])], [_rows.Length, size]);
}
