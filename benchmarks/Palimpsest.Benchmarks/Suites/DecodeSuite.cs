using Palimpsest.Inference;

namespace Palimpsest.Benchmarks;

/// <summary>One token at a given context, and decoding with the cache beside decoding without.</summary>
internal sealed class DecodeSuite : ISuite
{
    private const int Rounds = 60;
    private const int WithoutCache = 64;
    private static readonly int[] Contexts = [32, 128, 512, 1024, 8192];

    public void Run(Report report, IReadOnlyList<ModelSize> sizes)
    {
        foreach (var size in sizes.Where(s => s.Name != "5M"))
        {
            using var model = size.Build();
            AtContexts(report, model, size);
            if (size.Name != "100M")
                BesideNoCache(report, model, size);
            Dispatch(report, size, model);
            if (size.Name is "14M" or "100M")
                HeldAsCodes(report, model, size);
        }
    }

    private static void AtContexts(Report report, CausalLM model, ModelSize size)
    {
        using var scope = NewDisposeScope();
        var contexts = Contexts.Where(c => c <= 1024 || size.Name != "100M").ToArray();
        var decoders = contexts.Select(context => new Decoding(model, size, context)).ToArray();
        var (seconds, gflops) = Timing.Calibrated(() =>
            Timing.InTurn(Rounds, [.. decoders.Select(d => (Action)d.Token)])
        );
        for (var i = 0; i < contexts.Length; i++)
        {
            var context = contexts[i];
            var row = new Measurement
            {
                Bench = "decode",
                Size = size.Name,
                Setting = $"context {context}",
                Value = 1 / seconds[i],
                Unit = "tokens/s",
                Gflops = gflops,
            };
            report.AddSpeed(row, "PyTorch", p => p.Bench == "decode" && p.Size == size.Name && p.Context == context);
            if (context == 1024)
            {
                report.Add(
                    row with
                    {
                        Setting = "1024 beside 32",
                        Value = 1e3 * seconds[i],
                        Unit = "ms/token",
                        Against = "the time at 32",
                        Ratio = seconds[i] / seconds[0],
                        Goal = new(1.5, false),
                    }
                );
            }
        }

        foreach (var decoder in decoders)
            decoder.Dispose();
    }

    private static void HeldAsCodes(Report report, CausalLM model, ModelSize size)
    {
        (string Name, QuantizeOptions? Options, double Goal)[] kinds =
        [
            ("dense", null, 1),
            ("int8", new() { Bits = 8 }, 1.7),
            ("int4", new() { Bits = 4 }, 2.5),
            ("nf4", new() { Format = QuantizedFormat.Nf4 }, 2.5),
        ];
        using var scope = NewDisposeScope();
        var models = kinds.Select(kind => Held(model, kind.Options)).ToArray();
        var decoders = models.Select(held => new Decoding(held, size, Contexts[0])).ToArray();
        var (seconds, gflops) = Timing.Calibrated(() =>
            Timing.InTurn(Rounds, [.. decoders.Select(d => (Action)d.Token)])
        );
        for (var i = 0; i < kinds.Length; i++)
        {
            var row = new Measurement
            {
                Bench = "decode",
                Size = size.Name,
                Setting = $"context {Contexts[0]}, codes",
                Variant = kinds[i].Name,
                Value = 1 / seconds[i],
                Unit = "tokens/s",
                Gflops = gflops,
            };
            var beside = row with
            {
                Against = "dense",
                Ratio = seconds[0] / seconds[i],
                Goal = new(kinds[i].Goal, true),
            };
            report.Add(i == 0 ? row : beside);
            decoders[i].Dispose();
            models[i].Dispose();
        }
    }

    private static CausalLM Held(CausalLM model, QuantizeOptions? options)
    {
        var held = model.CloneFrozen();
        if (options is not null)
            QuantizedModel.Hold(held, options);
        return held;
    }

    private static void BesideNoCache(Report report, CausalLM model, ModelSize size)
    {
        using var grad = no_grad();
        var prompt = size.Tokens(1, 32, seed: 7);
        var (seconds, gflops) = Timing.Calibrated(() =>
            Timing.InTurn(3, () => Continue(model, prompt, cached: true), () => Continue(model, prompt, cached: false))
        );
        var row = new Measurement
        {
            Bench = "decode",
            Size = size.Name,
            Setting = $"32 + {WithoutCache}",
            Value = WithoutCache / seconds[0],
            Unit = "tokens/s",
            Gflops = gflops,
        };
        report.Add(row with { Variant = "without cache", Value = WithoutCache / seconds[1] });
        report.Add(row with { Variant = "with cache", Against = "without", Ratio = seconds[1] / seconds[0] });
    }

    private static void Continue(CausalLM model, long[] prompt, bool cached)
    {
        using var outer = NewDisposeScope();
        using var cache = cached ? new KvCache(model.Config, 1, prompt.Length + WithoutCache) : null;
        List<long> ids = [.. prompt];
        for (var step = 0; step < WithoutCache; step++)
        {
            using var scope = NewDisposeScope();
            var input = cached && step > 0 ? ids[^1..] : ids;
            var output = model.Forward(
                new()
                {
                    TokenIds = tensor(input.ToArray(), [1, input.Count]),
                    Cache = cache,
                    Logits = LogitsFor.LastToken,
                }
            );
            ids.Add(output.Logits!.argmax(-1).item<long>());
        }
    }

    /// <summary>The same operations on 16 numbers each cost what is not arithmetic: dispatch, allocation, managed
    /// code.</summary>
    private static void Dispatch(Report report, ModelSize size, CausalLM model)
    {
        using var scope = NewDisposeScope();
        var shell = size with { Hidden = 2 * size.Heads, Intermediate = 16, Vocabulary = 16 };
        using var empty = shell.Build();
        using var full = new Decoding(model, size, 32);
        using var bare = new Decoding(empty, shell, 32);
        var (seconds, gflops) = Timing.Calibrated(() => Timing.InTurn(Rounds, full.Token, bare.Token));
        report.Add(
            new()
            {
                Bench = "decode",
                Size = size.Name,
                Setting = "arithmetic's share",
                Value = 1e3 * seconds[1],
                Unit = "ms of rest",
                Gflops = gflops,
                Against = "the time at 32",
                Ratio = 1 - seconds[1] / seconds[0],
                Goal = size.Name == "100M" ? new(0.8, true) : null,
            }
        );
    }
}
