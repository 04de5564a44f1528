namespace Palimpsest.Models;

/// <summary>Values of predicted tokens, filled tile by tile so that the logits of few tokens exist at a time.</summary>
internal sealed class LabelScores
{
    private const long MostLogits = 1 << 22;

    private readonly float[] _logProbabilities;
    private readonly int[] _greedy;
    private readonly float[] _mean;
    private readonly float[] _deviation;

    private LabelScores(int count, bool moments)
    {
        _logProbabilities = new float[count];
        _greedy = new int[count];
        _mean = new float[moments ? count : 0];
        _deviation = new float[moments ? count : 0];
    }

    /// <summary>Scores tokens by what predicts them.</summary>
    /// <param name="decoder">Gives the head.</param>
    /// <param name="hidden">What predicts each token [N, D].</param>
    /// <param name="labels">The tokens [N] int64.</param>
    /// <param name="moments">Whether mean and deviation over the vocabulary are wanted.</param>
    public static LabelScores Of(CausalLM decoder, Tensor hidden, Tensor labels, bool moments)
    {
        var count = (int)labels.numel();
        var scores = new LabelScores(count, moments);
        var tile = (int)Math.Max(1, MostLogits / decoder.Config.VocabularySize);
        for (var start = 0; start < count; start += tile)
        {
            using var scope = NewDisposeScope();
            var (first, number) = (start, Math.Min(tile, count - start));
            scores.Fill(decoder.HeadLogits(hidden.narrow(0, first, number)), labels.narrow(0, first, number), first);
        }

        return scores;
    }

    /// <summary>Scores tokens by their logits.</summary>
    /// <param name="logits">[N, V].</param>
    /// <param name="labels">The tokens [N] int64.</param>
    /// <param name="moments">Whether mean and deviation over the vocabulary are wanted.</param>
    public static LabelScores Of(Tensor logits, Tensor labels, bool moments)
    {
        using var scope = NewDisposeScope();
        var scores = new LabelScores((int)labels.numel(), moments);
        if (labels.numel() > 0)
            scores.Fill(logits, labels, 0);
        return scores;
    }

    /// <summary>The values of one sequence.</summary>
    public TokenScores Slice(Range range) =>
        new(
            _logProbabilities[range],
            _greedy[range],
            _mean.Length == 0 ? [] : _mean[range],
            _deviation.Length == 0 ? [] : _deviation[range]
        );

    private void Fill(Tensor logits, Tensor labels, int start)
    {
        var log = nn.functional.log_softmax(logits, -1); // [n, V]
        Copy(TokenNll.LogProbabilities(log, labels), _logProbabilities, start);
        logits.argmax(-1).to(ScalarType.Int32).cpu().data<int>().ToArray().CopyTo(_greedy, start);
        if (_mean.Length == 0)
            return;
        var p = log.exp();
        var mean = (p * log).sum(1);
        Copy(mean, _mean, start);
        Copy(((p * log.square()).sum(1) - mean.square()).clamp_min(0).sqrt(), _deviation, start);
    }

    private static void Copy(Tensor source, float[] target, int start) =>
        source.cpu().contiguous().data<float>().ToArray().CopyTo(target, start);
}
