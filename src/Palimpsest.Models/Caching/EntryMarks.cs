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

    /// <summary>The first and the last token that an entry has anything of [B, Hkv, W] int32; null where each is its
    /// own token's.</summary>
    public (Tensor First, Tensor Last)? Sources
    {
        get;
        init =>
            field = value is { } held
                ? (held.First.DetachFromDisposeScope(), held.Last.DetachFromDisposeScope())
                : null;
    }

    /// <summary>Tokens that an entry counts as [B, Hkv, W] float32; null where each is one.</summary>
    public Tensor? Counts
    {
        get;
        init => field = value?.DetachFromDisposeScope();
    }

    /// <summary>Bytes of all of them.</summary>
    public long Bytes => All.Sum(mark => mark.NumberOfElements * mark.ElementSize);

    private IEnumerable<Tensor> All =>
        new[] { Positions, Tokens, Keep, Counts, Sources?.First, Sources?.Last }.OfType<Tensor>();

    /// <summary>The same marks, each passed through a function.</summary>
    public EntryMarks Map(Func<Tensor, Tensor> map) =>
        new(map(Positions), map(Tokens), Keep is null ? null : map(Keep))
        {
            Sources = Sources is { } held ? (map(held.First), map(held.Last)) : null,
            Counts = Counts is null ? null : map(Counts),
        };

    /// <summary>These marks and those of a pass's tokens, of which the first is the <paramref name="seen"/>-th; these
    /// are disposed.</summary>
    public EntryMarks With(KvTokens tokens, int seen, int width, int count)
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

        var marks = new EntryMarks(cat([Positions, positions], 2), cat([Tokens, places], 2), keep)
        {
            Sources = Sources is { } held ? (Behind(held.First), Behind(held.Last)) : null,
            Counts = Counts is null
                ? null
                : cat([Counts, ones([Counts.shape[0], Counts.shape[1], count], device: device)], 2),
        };
        Dispose();
        return marks;

        Tensor Behind(Tensor mark) => cat([mark, places.expand(batch, mark.shape[1], count)], 2);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var mark in All)
            mark.Dispose();
    }
}
