namespace Palimpsest.Evaluation;

/// <summary>A membership score from the gradient: members, which fit already, pull little at the weights.</summary>
public static class GradientNormScore
{
    /// <summary>
    /// Per sequence, the mean over the named parameters of ‖∂L/∂θ‖₂, L the token-mean NLL of the labelled tokens
    /// without the last one. High = non-member.
    /// </summary>
    /// <param name="decoder">The model; gradients that it holds are dropped.</param>
    /// <param name="sequences">At least two labelled tokens each.</param>
    /// <param name="stage">Name of the work for <paramref name="progress"/>.</param>
    /// <param name="progress">Told after each sequence.</param>
    /// <param name="cancellationToken">Stops between sequences.</param>
    /// <exception cref="InputException">The model holds quantised weights.</exception>
    public static double[] Of(
        CausalLM decoder,
        IReadOnlyList<TokenSequence> sequences,
        string stage,
        IProgress<TaskProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(decoder);
        decoder.RequireDense("The gradient norm");
        var frozen = decoder.parameters().Where(parameter => !parameter.requires_grad).ToArray();
        foreach (var parameter in frozen)
            parameter.requires_grad_(true);
        try
        {
            var scores = new double[sequences.Count];
            for (var i = 0; i < scores.Length; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                scores[i] = One(decoder, sequences[i]);
                progress?.Report(new(stage, i + 1, scores.Length));
            }

            return scores;
        }
        finally
        {
            Clear(decoder);
            foreach (var parameter in frozen)
                parameter.requires_grad_(false);
        }
    }

    private static double One(CausalLM decoder, TokenSequence sequence)
    {
        using var scope = NewDisposeScope();
        Clear(decoder);
        var start = Math.Max(1, sequence.LabelStart);
        var count = sequence.Ids.Length - 1 - start;
        if (count < 1)
            return 0;
        var ids = tensor(
            sequence.Ids.Select(id => (long)id).ToArray(),
            [1, sequence.Ids.Length],
            device: decoder.Device
        );
        var hidden = decoder.Forward(new() { TokenIds = ids, Logits = LogitsFor.None }).Hidden;
        var logits = decoder.HeadLogits(hidden[0].narrow(0, start - 1, count));
        TokenNll.FromLogits(logits, ids[0].narrow(0, start, count)).mean().backward();
        var norms = decoder
            .ParameterRefs.Select(p => p.Gradient())
            .OfType<Tensor>()
            .Select(gradient => gradient.norm())
            .ToArray();
        return stack(norms).mean().item<float>();
    }

    private static void Clear(CausalLM decoder)
    {
        foreach (var parameter in decoder.parameters())
            parameter.grad = null;
    }
}
