using System.Diagnostics;
using LLama;
using LLama.Common;
using LLama.Native;

namespace Palimpsest.LlamaCpp;

/// <summary>Tokens a second of llama.cpp, measured as the benchmarks measure Palimpsest.</summary>
internal static class Speed
{
    private const int Prefills = 3;
    private const int Tokens = 20;

    /// <summary>Median speeds of reading a prompt and of one token after it, after one run of each.</summary>
    public static (double Prefill, double Decode) Measure(string path, int threads, int length)
    {
        var options = new ModelParams(path)
        {
            ContextSize = (uint)length + 1,
            BatchSize = (uint)length,
            Threads = threads,
            BatchThreads = threads,
        };
        using var weights = LLamaWeights.LoadFromFile(options);
        using var context = weights.CreateContext(options);
        var (prompt, next) = (new LLamaBatch(), new LLamaBatch());
        for (var i = 0; i < length; i++)
            prompt.Add((LLamaToken)Id(i, weights.Vocab.Count), i, LLamaSeqId.Zero, i == length - 1);
        next.Add((LLamaToken)Id(length, weights.Vocab.Count), length, LLamaSeqId.Zero, true);
        var prefill = Median(Prefills, () => context.NativeHandle.MemoryClear(), () => Read(context, prompt));
        var decode = Median(
            Tokens,
            () => context.NativeHandle.MemorySequenceRemove(LLamaSeqId.Zero, length, length + 1),
            () => Read(context, next)
        );
        return (length / prefill, 1 / decode);
    }

    private static void Read(LLamaContext context, LLamaBatch batch)
    {
        Greedy.Run(context, batch);
        context.NativeHandle.Synchronize();
    }

    // The values do not matter to the time.
    private static int Id(int position, int vocabulary) => position * 7919 % vocabulary;

    private static double Median(int rounds, Action prepare, Action run)
    {
        prepare();
        run();
        var seconds = new double[rounds];
        for (var round = 0; round < rounds; round++)
        {
            prepare();
            var start = Stopwatch.GetTimestamp();
            run();
            seconds[round] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        Array.Sort(seconds);
        return (seconds[(rounds - 1) / 2] + seconds[rounds / 2]) / 2;
    }
}
