using Palimpsest.Training;

namespace Palimpsest.Unlearning;

/// <summary>The offset baseline of ULD: a small assistant is trained end to end, so that the target's logits with what
/// the assistant has changed forget.</summary>
/// <remarks>The assistant begins as the target's first layers, so that the composed model begins as the target, which
/// is the reference of losses that have one. Ji et al. 2024, arXiv:2406.08607.</remarks>
/// <param name="options">ULD's settings with <see cref="UldOptions.Offset"/>.</param>
internal sealed class OffsetMethod(UldOptions options)
{
    /// <summary>The composer's id.</summary>
    public const string Composer = "offset";

    private readonly ForgetOptions _weights = Weights(options);

    /// <summary>Whether retain rows are read.</summary>
    public bool ReadsRetain => _weights.ReadsRetain;

    /// <summary>Trains the assistant.</summary>
    /// <param name="job">The job.</param>
    /// <param name="start">The assistant as it begins, frozen.</param>
    /// <param name="lora">Its adapter.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="cancellationToken">Stops between steps.</param>
    public async Task<UnlearnResult> RunAsync(
        UnlearnJob job,
        CausalLM start,
        LoraOptions lora,
        IProgress<TrainProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var settings = new OffsetComposerOptions { Weight = options.OffsetWeight };
        var composer = new OffsetComposer(settings);
        Tensor Composed(CausalLM assistant, TokenBatch batch)
        {
            using var scope = NewDisposeScope();
            Tensor target,
                began;
            using (no_grad())
            {
                target = UnlearningObjective.Logits(job.Model, batch);
                began = UnlearningObjective.Logits(start, batch);
            }

            return composer
                .Compose([target, UnlearningObjective.Logits(assistant, batch), began], LogitUse.Scoring)
                .MoveToOuterDisposeScope();
        }

        var teaching = job with { Model = start, Reference = job.Model, Lora = lora };
        var taught = await new Unlearner($"uld {options.Offset}", Objective(), _weights) { ComposedLogits = Composed }
            .RunAsync(teaching, progress, cancellationToken)
            .ConfigureAwait(false);
        using var adapted = taught.Model;
        return new Composed(adapted.CloneFrozen(), Composer, settings, taught.Training)
        {
            Beginning = start.CloneFrozen(),
            StoppedBecause = taught.StoppedBecause,
        };
    }

    private IForgetObjective Objective() =>
        _weights switch
        {
            NpoOptions npo => new Npo(npo),
            DpoOptions dpo => new Dpo(dpo),
            _ => new GradientAscent(),
        };

    private static ForgetOptions Weights(UldOptions options)
    {
        ForgetOptions weights = options.Offset switch
        {
            OffsetLoss.Npo => new NpoOptions(),
            OffsetLoss.Dpo => new DpoOptions(),
            _ => new GradientAscentOptions(),
        };
        return weights with { Retain = options.OffsetRetain, RetainWeight = options.OffsetRetainWeight };
    }
}
