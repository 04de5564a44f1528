namespace Palimpsest.Inference;

/// <summary>Entries as codes per token and group of channels, with what is known of them.</summary>
/// <param name="bits">Of a code.</param>
/// <param name="group">Channels that share a scale and a minimum.</param>
internal sealed class CodeStore(int bits, int group) : IDisposable
{
    // Positions, tokens, whether it counts [B, Hkv, n, 1]; codes, scales and minima of keys, of values [B, Hkv, n, x].
    private GrowingTensor[] _parts = [.. Enumerable.Range(0, 9).Select(_ => new GrowingTensor(2))];

    /// <summary>n.</summary>
    public int Length => (int)_parts[0].Length;

    /// <summary>Bytes allocated.</summary>
    public long Bytes => _parts.Sum(part => part.Bytes);

    /// <summary>Positions in the text [B, Hkv, n] int32.</summary>
    public Tensor Positions => Mark(0);

    /// <summary>Places among the tokens seen [B, Hkv, n] int32.</summary>
    public Tensor Tokens => Mark(1);

    /// <summary>Entries that count [B, Hkv, n] bool.</summary>
    public Tensor Keep => Mark(2);

    /// <summary>Adds entries.</summary>
    /// <param name="keys">[B, Hkv, n, Dh].</param>
    /// <param name="values">[B, Hkv, n, Dh].</param>
    /// <param name="marks">Positions, tokens and what counts [B, Hkv, n] each.</param>
    public void Append(Tensor keys, Tensor values, (Tensor Positions, Tensor Tokens, Tensor Keep) marks)
    {
        using var scope = NewDisposeScope();
        var (coded, codedValues) = (
            PackedGroups.Encode(keys, bits, group, true),
            PackedGroups.Encode(values, bits, group, true)
        );
        Add([
            marks.Positions.to(ScalarType.Int32).unsqueeze(-1),
            marks.Tokens.to(ScalarType.Int32).unsqueeze(-1),
            marks.Keep.unsqueeze(-1),
            coded.Codes,
            coded.Scales,
            coded.Minima,
            codedValues.Codes,
            codedValues.Scales,
            codedValues.Minima,
        ]);
    }

    /// <summary>Keys and values [B, Hkv, n, Dh] as they are read.</summary>
    public (Tensor Keys, Tensor Values) Decode() =>
        (
            new PackedGroups(_parts[3].View, _parts[4].View, _parts[5].View).Decode(bits, group),
            new PackedGroups(_parts[6].View, _parts[7].View, _parts[8].View).Decode(bits, group)
        );

    /// <summary>The same entries, each tensor passed through a function.</summary>
    public CodeStore Map(Func<Tensor, Tensor> map)
    {
        using var scope = NewDisposeScope();
        var copy = new CodeStore(bits, group);
        if (Length > 0)
            copy.Add([.. _parts.Select(part => map(part.View))]);
        return copy;
    }

    /// <summary>The entries of an edit's columns; holes do not count.</summary>
    public CodeStore Select(KvEdit edit)
    {
        using var scope = NewDisposeScope();
        var store = Map(part =>
        {
            long[] shape = [part.shape[0], part.shape[1], edit.Index.shape[2], part.shape[3]];
            return part.gather(2, edit.Index.unsqueeze(-1).expand(shape));
        });
        if (edit.Valid is { } valid && store.Length > 0)
        {
            var keep = store.Keep.logical_and(valid).unsqueeze(-1);
            store._parts[2].Dispose();
            store._parts[2] = new(2);
            store._parts[2].Append(keep);
        }

        return store;
    }

    /// <summary>Gives the entries to a state, or takes what it restores; nothing is held then.</summary>
    public void Exchange(KvState state, LayerShape shape, int seen)
    {
        using var scope = NewDisposeScope();
        var count = state.Number("count", Length);
        var (coded, scales) = ((long)shape.HeadSize * bits / 8, (long)shape.HeadSize / group);
        (string Name, ScalarType Type, long Size)[] parts =
        [
            ("positions", ScalarType.Int32, 1),
            ("tokens", ScalarType.Int32, 1),
            ("keep", ScalarType.Bool, 1),
            ("key codes", ScalarType.Byte, coded),
            ("key scales", ScalarType.Float16, scales),
            ("key minima", ScalarType.Float16, scales),
            ("value codes", ScalarType.Byte, coded),
            ("value scales", ScalarType.Float16, scales),
            ("value minima", ScalarType.Float16, scales),
        ];
        foreach (var (place, (name, type, size)) in parts.Index())
        {
            _parts[place].Exchange(state, name, type, shape.Batch, shape.Heads, count, size);
            if (_parts[place].Length != count)
                throw state.Wrong(name, "is missing");
        }

        if (count == 0)
            return;
        state.RequireWithin("positions", Positions, 0, Math.Max(0, seen - 1));
        state.RequireWithin("tokens", Tokens, 0, Math.Max(0, seen - 1));
    }

    /// <summary>Overwrites everything with zeros.</summary>
    public void Zero()
    {
        foreach (var part in _parts)
            part.Zero();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var part in _parts)
            part.Dispose();
    }

    private Tensor Mark(int at) => _parts[at].View.squeeze(-1);

    private void Add(Tensor[] entries)
    {
        foreach (var (part, more) in _parts.Zip(entries))
            part.Append(more);
    }
}
