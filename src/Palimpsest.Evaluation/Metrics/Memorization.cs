namespace Palimpsest.Evaluation;

/// <summary>How much of an answer a model completes by itself under teacher forcing.</summary>
/// <remarks>The caller drops the end token. Both are 0 for an answer without tokens.</remarks>
public static class Memorization
{
    /// <summary>Exact memorisation: share of positions whose greedy token is the answer's, in [0, 1].</summary>
    /// <param name="answer">Gold answer tokens.</param>
    /// <param name="greedy">Teacher-forced argmax at the same positions.</param>
    public static double Exact(ReadOnlySpan<int> answer, ReadOnlySpan<int> greedy)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(greedy.Length, answer.Length);
        var equal = 0;
        for (var i = 0; i < answer.Length; i++)
            equal += answer[i] == greedy[i] ? 1 : 0;
        return answer.Length == 0 ? 0 : (double)equal / answer.Length;
    }

    /// <summary>Extraction strength 1 − k/n: k is the shortest answer prefix after which greedy is all right.</summary>
    /// <remarks>The published loop tries k = 0 … n − 1, so that 1/n is the least value of an answer with
    /// tokens.</remarks>
    /// <param name="answer">Gold answer tokens.</param>
    /// <param name="greedy">Teacher-forced argmax at the same positions.</param>
    public static double ExtractionStrength(ReadOnlySpan<int> answer, ReadOnlySpan<int> greedy)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(greedy.Length, answer.Length);
        if (answer.Length == 0)
            return 0;
        var correct = 0;
        while (correct < answer.Length && greedy[^(correct + 1)] == answer[^(correct + 1)])
            correct++;
        return Math.Max(1, correct) / (double)answer.Length;
    }
}
