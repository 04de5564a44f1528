namespace Palimpsest.Inference;

/// <summary>Prompts side by side, padded on the left so that all end in the same column.</summary>
internal sealed class PromptBatch : IDisposable
{
    private readonly Tensor? _ids;
    private readonly Tensor? _embeddings;
    private readonly Tensor? _real;
    private readonly long[]? _flags;

    /// <summary>Pads prompts to the longest.</summary>
    /// <param name="prompts">At least one; all of ids, or all of embeddings.</param>
    /// <param name="padId">The id that fills up.</param>
    /// <param name="device">Where the tensors go.</param>
    public PromptBatch(IReadOnlyList<Prompt> prompts, int padId, Device device)
    {
        using var scope = NewDisposeScope();
        Width = prompts.Max(prompt => prompt.Length);
        _flags = prompts.Any(prompt => prompt.Flag != 0) ? [.. prompts.Select(prompt => prompt.Flag)] : null;
        if (prompts[0].Embeddings is null)
        {
            using var batch = TokenBatch.Collate(
                [.. prompts.Select(prompt => new TokenSequence([.. prompt.Ids], prompt.Length))],
                padId,
                PaddingSide.Left,
                device
            );
            (_ids, _real) = (batch.Ids.alias(), batch.AttentionMask.alias());
        }
        else
        {
            _embeddings = stack([.. prompts.Select(prompt => Padded(prompt.Embeddings!.to(device), Width))]);
            var lengths = tensor(prompts.Select(prompt => (long)prompt.Length).ToArray(), device: device);
            _real = arange(Width, device: device).unsqueeze(0) >= Width - lengths.unsqueeze(1);
        }

        _ids = _ids?.DetachFromDisposeScope();
        _embeddings = _embeddings?.DetachFromDisposeScope();
        _real = prompts.All(prompt => prompt.Length == Width) ? null : _real.DetachFromDisposeScope();
    }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>The columns from <paramref name="start"/> on, as many as there are up to
    /// <paramref name="count"/>.</summary>
    public StepInput Part(int start, int count)
    {
        count = Math.Min(count, Width - start);
        return new()
        {
            TokenIds = _ids?.narrow(1, start, count),
            Embeddings = _embeddings?.narrow(1, start, count),
            RealTokens = _real?.narrow(1, start, count),
            Flags = _flags,
            Phase = start + count == Width ? KvPhase.PrefillEnd : KvPhase.PrefillChunk,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ids?.Dispose();
        _embeddings?.Dispose();
        _real?.Dispose();
    }

    private static Tensor Padded(Tensor embeddings, int width)
    {
        var missing = width - embeddings.shape[0];
        return missing == 0
            ? embeddings
            : cat([zeros([missing, embeddings.shape[1]], embeddings.dtype, device: embeddings.device), embeddings], 0);
    }
}
