using LLama;
using LLama.Common;
using LLama.Native;

namespace Palimpsest.LlamaCpp;

/// <summary>The likeliest token after each token, as llama.cpp computes it from a GGUF file.</summary>
internal static class Greedy
{
    /// <summary>Continues a prompt by token ids; nothing ends it early.</summary>
    public static IReadOnlyList<int> Continue(string path, int[] prompt, int count)
    {
        var options = new ModelParams(path)
        {
            ContextSize = (uint)(prompt.Length + count),
            Threads = 1,
            BatchThreads = 1,
            FlashAttention = false,
            // Keys and values as they are computed, so that nothing but the weights' own rounding is compared.
            TypeK = GGMLType.GGML_TYPE_F32,
            TypeV = GGMLType.GGML_TYPE_F32,
        };
        using var weights = LLamaWeights.LoadFromFile(options);
        using var context = weights.CreateContext(options);
        var batch = new LLamaBatch();
        for (var i = 0; i < prompt.Length; i++)
            batch.Add((LLamaToken)prompt[i], i, LLamaSeqId.Zero, i == prompt.Length - 1);
        List<int> ids = [];
        while (true)
        {
            Run(context, batch);
            ids.Add(Largest(context.NativeHandle.GetLogitsIth(batch.TokenCount - 1)));
            if (ids.Count == count)
                return ids;
            batch.Clear();
            batch.Add((LLamaToken)ids[^1], prompt.Length + ids.Count - 1, LLamaSeqId.Zero, true);
        }
    }

    /// <summary>Runs a batch.</summary>
    public static void Run(LLamaContext context, LLamaBatch batch)
    {
        if (context.Decode(batch) is not DecodeResult.Ok and var result)
            throw new InvalidOperationException($"llama.cpp did not run {batch.TokenCount} tokens: {result}.");
    }

    private static int Largest(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var id = 1; id < logits.Length; id++)
        {
            if (logits[id] > logits[best])
                best = id;
        }

        return best;
    }
}
