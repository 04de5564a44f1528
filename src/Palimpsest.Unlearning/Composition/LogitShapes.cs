namespace Palimpsest.Unlearning;

/// <summary>What composers check before they compose.</summary>
internal static class LogitShapes
{
    /// <summary>Refuses another number of tensors, or tensors of different shapes.</summary>
    public static void Check(IReadOnlyList<Tensor> logits, int models)
    {
        ArgumentNullException.ThrowIfNull(logits);
        if (logits.Count != models)
            throw new ArgumentException(
                $"{models} models are composed; the logits are of {logits.Count}.",
                nameof(logits)
            );
        foreach (var one in logits)
        {
            if (!one.shape.SequenceEqual(logits[0].shape))
                throw new ArgumentException(
                    $"The logits are [{string.Join(", ", logits[0].shape)}] and [{string.Join(", ", one.shape)}]; "
                        + "allowed are equal shapes.",
                    nameof(logits)
                );
        }
    }
}
