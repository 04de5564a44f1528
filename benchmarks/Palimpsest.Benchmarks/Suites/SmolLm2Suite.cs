using Palimpsest.Inference;
using Palimpsest.LlamaCpp;
using Palimpsest.Training;

namespace Palimpsest.Benchmarks;

/// <summary>A published model on its own weights, beside Hugging Face's rows in float32 and llama.cpp, which runs the
/// same file in the same run.</summary>
/// <param name="path">SmolLM2-135M-Instruct: a GGUF file or a folder.</param>
internal sealed class SmolLm2Suite(string path)
{
    /// <summary>Its name on the command line.</summary>
    public const string Name = "smollm2";

    private const string Model = "SmolLM2-135M";
    private const int Prompt = 32;
    private const int New = 48;
    private const int Rows = 8;
    private const int Length = 64;
    private static readonly int[] Contexts = [32, 512, 2048];

    public void Run(Report report)
    {
        using var model = LanguageModel.Load(path);
        var config = model.Decoder.Config;
        var size = new ModelSize(
            Model,
            config.Layers,
            config.HiddenSize,
            config.Heads,
            config.KeyValueHeads,
            config.IntermediateSize,
            config.VocabularySize
        );
        foreach (var batch in new[] { 1, 8 })
            Generate(report, model, size, batch);
        ConstraintSuite.Measure(report, model, size);
        using var stored = ModelFiles.IsGguf(path) ? ModelFiles.LoadStored(path) : null;
        foreach (var context in Contexts)
            Race(report, model.Decoder, stored, size, context);
        LoraStep(report, model.Decoder, size);
    }

    private void Race(Report report, CausalLM dense, CausalLM? stored, ModelSize size, int context)
    {
        var (prefill, decode) = (Prefill(dense, size, context), Decode(dense, size, context));
        if (stored is null)
        {
            AddRace(report, prefill, null, p => p.Bench == "prefill" && p.Length == context);
            AddRace(report, decode, null, p => p.Bench == "decode" && p.Context == context);
            return;
        }

        var (storedPrefill, storedDecode) = (Prefill(stored, size, context), Decode(stored, size, context));
        var theirs = LlamaCppProcess.Speed(path, get_num_threads(), context);
        // Once more after it, so that a slow moment of the machine meets all.
        prefill = Mean(prefill, Prefill(dense, size, context));
        decode = Mean(decode, Decode(dense, size, context));
        storedPrefill = Mean(storedPrefill, Prefill(stored, size, context));
        storedDecode = Mean(storedDecode, Decode(stored, size, context));
        AddRace(report, prefill, theirs.Prefill, p => p.Bench == "prefill" && p.Length == context);
        AddRace(report, decode, theirs.Decode, p => p.Bench == "decode" && p.Context == context);
        AddStored(report, storedPrefill, theirs.Prefill);
        AddStored(report, storedDecode, theirs.Decode);
    }

    private static void AddStored(Report report, Measurement row, double theirs) =>
        report.Add(row with { Variant = "stored codes", Against = "llama.cpp", Ratio = row.Value / theirs });

    private static void Generate(Report report, LanguageModel model, ModelSize size, int batch)
    {
        var made = 0;
        var (seconds, gflops) = Timing.Calibrated(() =>
            Timing.InTurn(3, () => made = RandomModel.Continue(model, size, batch, Prompt, New))[0]
        );
        report.AddSpeed(
            Row("generate", $"batch {batch}, {Prompt} + {New}", made / seconds, gflops),
            "Hugging Face",
            p => p.Model == Model && p.Bench == "generate" && p.Batch == batch
        );
    }

    private static void AddRace(Report report, Measurement row, double? theirs, Func<PeerRow, bool> fits)
    {
        report.AddSpeed(row, "Hugging Face", p => p.Model == Model && fits(p));
        if (theirs is not { } speed)
            return;
        report.Add(
            row with
            {
                Variant = "llama.cpp",
                Value = speed,
                Against = "Palimpsest",
                Ratio = speed / row.Value,
            }
        );
    }

    private static Measurement Mean(Measurement first, Measurement second) =>
        first with
        {
            Value = (first.Value + second.Value) / 2,
            Gflops = (first.Gflops + second.Gflops) / 2,
        };

    private static Measurement Prefill(CausalLM model, ModelSize size, int length)
    {
        using var scope = NewDisposeScope();
        using var cache = new KvCache(model.Config, 1, length);
        var ids = tensor(size.Tokens(1, length, seed: 7), [1, length]);
        var (seconds, gflops) = Timing.Calibrated(() =>
            Timing.InTurn(3, () => PrefillSuite.Read(model, cache, ids))[0]
        );
        return Row("prefill", $"{length} tokens", length / seconds, gflops);
    }

    private static Measurement Decode(CausalLM model, ModelSize size, int context)
    {
        using var decoding = new Decoding(model, size, context);
        var (seconds, gflops) = Timing.Calibrated(() => Timing.InTurn(20, decoding.Token)[0]);
        return Row("decode", $"context {context}", 1 / seconds, gflops);
    }

    private static void LoraStep(Report report, CausalLM model, ModelSize size)
    {
        const int steps = 4;
        using var trained = model.Clone();
        using var adapter = LoraAdapter.Attach(trained, "bench", new() { Rank = 8 }, seed: 1);
        var sequences = size.Tokens(Rows * steps, Length, seed: 3)
            .Chunk(Length)
            .Select(ids => new TokenSequence([.. ids.Select(id => (int)id)], 0))
            .ToArray();
        var times = new StepTimes(Rows * Length);
        var trainer = new Trainer(
            new()
            {
                MaxSteps = steps,
                Optimizer = new() { LearningRate = 1e-4 },
            }
        );
        var batches = new SequenceBatchSource(sequences, Rows, 0, 1);
        var (_, gflops) = Timing.Calibrated(() =>
            trainer.RunAsync(trained, batches, new NextTokenLoss(), times).GetAwaiter().GetResult()
        );
        var row = Row(
            "lora_step",
            $"rank 8, batch {Rows} x {Length}",
            Rows * Length / Timing.Median(times.Seconds.Skip(1)),
            gflops
        );
        report.AddSpeed(row, "Hugging Face", p => p.Model == Model && p.Bench == "lora_step");
    }

    private static Measurement Row(string bench, string setting, double speed, double gflops) =>
        new()
        {
            Bench = bench,
            Size = Model,
            Setting = setting,
            Value = speed,
            Unit = "tokens/s",
            Gflops = gflops,
        };
}
