namespace Palimpsest.Models;

/// <summary>Where the entries of an edited layer came from, and which of its columns count.</summary>
/// <remarks>One head's marks hold for all heads as long as all keep the same.</remarks>
internal sealed class EntryMarks : IDisposable
{
    /// <summary>Takes tensors that belong to it from now on.</summary>
    /// <param name="positions">Positions in the text [B, Hkv or 1, W] int32.</param>
    /// <param name="tokens">Places among the tokens seen, padding included, of the same shape and type.</param>
    /// <param name="keep">Entries that count, of the same shape, bool; null for all.</param>
    public EntryMarks(Tensor positions, Tensor tokens, Tensor? keep)
    {
        (Positions, Tokens) = (positions.DetachFromDisposeScope(), tokens.DetachFromDisposeScope());
        Keep = keep?.DetachFromDisposeScope();
    }

    /// <summary>Positions in the text [B, Hkv or 1, W] int32.</summary>
    public Tensor Positions { get; private set; }

    /// <summary>Places among the tokens seen [B, Hkv or 1, W] int32.</summary>
    public Tensor Tokens { get; private set; }

    /// <summary>Entries that count [B, Hkv or 1, W] bool; null for all.</summary>
    public Tensor? Keep { get; private set; }

    /// <summary>Bytes of all of them.</summary>
    public long Bytes => All.Sum(mark => mark.NumberOfElements * mark.ElementSize);

    private IEnumerable<Tensor> All => new[] { Positions, Tokens, Keep }.OfType<Tensor>();

    /// <summary>The same marks, each passed through a function.</summary>
    public EntryMarks Map(Func<Tensor, Tensor> map) =>
        new(map(Positions), map(Tokens), Keep is null ? null : map(Keep));

    /// <summary>Adds a pass's tokens, of which the first is the <paramref name="seen"/>-th.</summary>
    public void Append(KvTokens tokens, int seen, int width, int count)
    {
        using var scope = NewDisposeScope();
        var (batch, heads) = (Positions.shape[0], Positions.shape[1]);
        var device = Positions.device;
        var positions = tokens.Positions.to(ScalarType.Int32).unsqueeze(1).expand(batch, heads, count);
        var places = arange(seen, seen + count, dtype: ScalarType.Int32, device: device).expand(batch, heads, count);
        var keep = Keep;
        if (keep is not null || tokens.Real is not null)
        {
            var old = keep ?? ones([batch, heads, width], ScalarType.Bool, device: device);
            var added = tokens.Real is null
                ? ones([batch, heads, count], ScalarType.Bool, device: device)
                : tokens.Real.unsqueeze(1).expand(batch, heads, count);
            keep = cat([old, added], 2);
        }

        Take(new(cat([Positions, positions], 2), cat([Tokens, places], 2), keep));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var mark in All)
            mark.Dispose();
    }

    private void Take(EntryMarks other)
    {
        var kept = ReferenceEquals(Keep, other.Keep) ? Keep : null;
        foreach (var mark in All.Where(mark => !ReferenceEquals(mark, kept)))
            mark.Dispose();
        (Positions, Tokens, Keep) = (other.Positions, other.Tokens, other.Keep);
    }
}
