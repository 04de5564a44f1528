namespace Palimpsest.Unlearning;

/// <summary>The gradients of a micro-batch's mean NLL, weight by weight.</summary>
internal static class GradientPass
{
    /// <summary>Runs a batch forward and back and shows every weight's gradient once.</summary>
    /// <param name="model">A model of which the weights alone have <c>requires_grad</c>; its gradients are
    /// dropped.</param>
    /// <param name="batch">Rows with labels.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="read">Takes a weight, its gradient [Out, In] and the labelled tokens of the batch; what it keeps
    /// it detaches from the scope. Weights without a gradient, as of an expert that no token visits, are left
    /// out.</param>
    /// <returns>The labelled tokens.</returns>
    public static long Run(
        CausalLM model,
        TokenBatch batch,
        IReadOnlyList<ParameterRef> weights,
        Action<ParameterRef, Tensor, long> read
    )
    {
        using var scope = NewDisposeScope();
        TokenNll.BatchTokenMean(TokenNll.PerToken(model, batch), batch.LabelMask).backward();
        var tokens = batch.LabelMask.sum().item<long>();
        using var grad = no_grad();
        foreach (var weight in weights)
        {
            if (weight.Gradient() is { } gradient)
                read(weight, gradient, tokens);
        }

        foreach (var parameter in model.parameters())
            parameter.grad = null;
        return tokens;
    }
}
