namespace Palimpsest.Inference;

/// <summary>A block of tokens that have left the window: in memory, in a file, or both.</summary>
internal sealed class MemoryBlock : IDisposable
{
    private readonly long[] _shape;
    private readonly long[] _scoresShape;
    private Tensor? _entries; // [2, Hkv, n, Dh]: keys, values
    private Tensor? _scores; // [H, n]
    private long _place = -1;

    /// <summary>A block in memory; the tensors belong to it from now on.</summary>
    /// <param name="entries">Unrotated keys, and values [2, Hkv, n, Dh] float32.</param>
    /// <param name="scores">Attention while it was in the window [H, n] float32.</param>
    /// <param name="places">Positions in the text and places among the tokens seen, n each.</param>
    public MemoryBlock(Tensor entries, Tensor scores, EntryPlaces places)
    {
        (_shape, _scoresShape, Places) = ([.. entries.shape], [.. scores.shape], places);
        (_entries, _scores) = (entries.DetachFromDisposeScope(), scores.DetachFromDisposeScope());
    }

    /// <summary>Where its tokens come from.</summary>
    public EntryPlaces Places { get; }

    /// <summary>n.</summary>
    public int Length => (int)_shape[2];

    /// <summary>Bytes in memory.</summary>
    public long Bytes => ((_entries?.NumberOfElements ?? 0) + (_scores?.NumberOfElements ?? 0)) * sizeof(float);

    /// <summary>Keys and values [2, Hkv, n, Dh]; the caller disposes it.</summary>
    public Tensor Entries(BlockFile? file) => _entries?.alias() ?? Stored(file!).Entries;

    /// <summary>Attention that its tokens had in the window [H, n]; the caller disposes it.</summary>
    public Tensor Scores(BlockFile? file) => _scores?.alias() ?? Stored(file!).Scores;

    /// <summary>Brings it into memory.</summary>
    public void Load(BlockFile? file)
    {
        if (_entries is not null)
            return;
        var (entries, scores) = Stored(file!);
        (_entries, _scores) = (entries.DetachFromDisposeScope(), scores.DetachFromDisposeScope());
    }

    /// <summary>Moves it into a file; without one it stays.</summary>
    public void Spill(BlockFile? file)
    {
        if (file is null || _entries is null)
            return;
        if (_place < 0)
        {
            using var all = cat([_entries.flatten(), _scores!.flatten()]);
            _place = file.Write(all);
        }

        Dispose();
        (_entries, _scores) = (null, null);
    }

    /// <summary>A copy in memory.</summary>
    public MemoryBlock Clone(BlockFile? file)
    {
        using var scope = NewDisposeScope();
        return new(Entries(file).clone(), Scores(file).clone(), Places.Clone());
    }

    /// <summary>Overwrites it wherever it lies, and frees its place in the file.</summary>
    public void Erase(BlockFile? file)
    {
        _entries?.zero_();
        _scores?.zero_();
        if (_place >= 0)
            file!.Free(_place);
        _place = -1;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _entries?.Dispose();
        _scores?.Dispose();
    }

    private (Tensor Entries, Tensor Scores) Stored(BlockFile file)
    {
        using var scope = NewDisposeScope();
        long Count(long[] shape) => shape.Aggregate(1L, (product, size) => product * size);
        var (entries, scores) = (Count(_shape), Count(_scoresShape));
        var all = file.Read(_place, [entries + scores]);
        return (
            all.narrow(0, 0, entries).view(_shape).clone().MoveToOuterDisposeScope(),
            all.narrow(0, entries, scores).view(_scoresShape).clone().MoveToOuterDisposeScope()
        );
    }
}
