using TorchSharp;

namespace Palimpsest.Training;

/// <summary>
/// DP-SGD's gradient: each example's is clipped to norm C, Gaussian noise goes on the sum, and the sum is divided by
/// the expected number of examples. Abadi et al. 2016, arXiv:1607.00133.
/// </summary>
/// <remarks>
/// g = (1/B) (Σ_i g_i · min(1, C / (‖g_i‖ + 1e-6)) + N(0, σ²C² I)). A step without examples is noise alone:
/// leaving it out would change the accounting. The noise is a function of seed and step, so that there is no state.
/// </remarks>
/// <param name="options">Settings.</param>
public sealed class PerExampleGradients(PerExampleGradientOptions options) : IGradientSource
{
    private const double Epsilon = 1e-6;

    /// <inheritdoc/>
    public string Fingerprint => options.ToString();

    /// <inheritdoc/>
    public StepGradient Compute(GradientWork work)
    {
        ArgumentNullException.ThrowIfNull(work);
        using var scope = NewDisposeScope();
        Tensor[] sums;
        using (no_grad())
            sums = [.. work.Parameters.Select(p => zeros_like(p))];
        var (loss, rows, tokens) = (0.0, 0L, 0L);
        for (var micro = 0; micro < work.MicroBatches; micro++)
        {
            using var batches = work.Batch(micro);
            for (var row = 0; row < batches.RowCount; row++)
                loss += AddRow(work, batches, (micro, row), sums);
            (rows, tokens) = (rows + batches.RowCount, tokens + (batches.RowCount == 0 ? 0 : batches.RealTokens));
        }

        AddNoise(sums, work.Step);
        for (var i = 0; i < sums.Length; i++)
            work.Parameters[i].grad = sums[i];
        return new(rows == 0 ? double.NaN : loss / rows, rows, tokens, 1 / options.ExpectedRows);
    }

    private double AddRow(GradientWork work, StepBatches batches, (int Micro, int Row) place, Tensor[] sums)
    {
        using var scope = NewDisposeScope();
        using var one = batches.Row(place.Row);
        var value = work.Loss(one, work.Position(place.Micro));
        value.backward();
        var factor = Math.Min(1, options.ClipNorm / (GradientNorm.Of(work.Parameters) + Epsilon));
        using var grad = no_grad();
        for (var i = 0; i < sums.Length; i++)
        {
            if (work.Parameters[i].grad is { } gradient)
                sums[i].add_(gradient, alpha: factor);
            work.Parameters[i].grad = null;
        }

        return value.item<float>();
    }

    private void AddNoise(Tensor[] sums, int step)
    {
        if (options.NoiseMultiplier == 0)
            return;
        using var grad = no_grad();
        using var random = new Generator(SeededRandom.Derive(options.Seed, (ulong)step), CPU);
        foreach (var sum in sums)
        {
            using var scope = NewDisposeScope();
            var noise = randn(sum.shape, generator: random).to(sum.device);
            sum.add_(noise, alpha: options.NoiseMultiplier * options.ClipNorm);
        }
    }
}
