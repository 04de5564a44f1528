namespace Palimpsest.Training;

/// <summary>The mean over the micro-batches' gradients; one without rows counts as zero.</summary>
public sealed class PlainGradients : IGradientSource
{
    /// <inheritdoc/>
    public StepGradient Compute(GradientWork work)
    {
        ArgumentNullException.ThrowIfNull(work);
        var (loss, rows, tokens, read) = (0.0, 0L, 0L, 0);
        for (var micro = 0; micro < work.MicroBatches; micro++)
        {
            using var scope = NewDisposeScope();
            using var batches = work.Batch(micro);
            if (batches.RowCount == 0)
                continue;
            var position = work.Position(micro);
            var value = work.Loss(batches, position);
            value.backward();
            loss += value.item<float>() / work.MicroBatches;
            (rows, tokens, read) = (rows + batches.RowCount, tokens + batches.RealTokens, read + 1);
            work.AfterBackward(position);
        }

        if (read < work.MicroBatches)
            loss = read == 0 ? double.NaN : loss * work.MicroBatches / read;
        return new(loss, rows, tokens, 1.0 / work.MicroBatches);
    }
}
