namespace Palimpsest.Inference;

/// <summary>One row of a layer: codes of the older tokens, the newest in float32.</summary>
internal sealed class KiviRow : IDisposable
{
    private readonly KiviOptions _options;
    private readonly GrowingTensor[] _keyCodes; // codes [Hkv, Dh, n · bits / 8], scales and minima [Hkv, Dh, n / g]
    private readonly GrowingTensor[] _valueCodes; // codes [Hkv, n, Dh · bits / 8], scales and minima [Hkv, n, Dh / g]
    private Tensor _keys; // [Hkv, r, Dh]
    private Tensor _values; // [Hkv, r', Dh]

    /// <summary>A row of entries that are all in float32; copies what it is given.</summary>
    public KiviRow(KiviOptions options, Tensor keys, Tensor values, KiviMarks marks)
    {
        _options = options;
        _keyCodes = [new(2), new(2), new(2)];
        _valueCodes = [new(1), new(1), new(1)];
        _keys = keys.clone().DetachFromDisposeScope();
        _values = values.clone().DetachFromDisposeScope();
        Marks = marks;
    }

    private KiviRow(KiviRow source)
    {
        _options = source._options;
        _keyCodes = [.. source._keyCodes.Select(part => part.Clone())];
        _valueCodes = [.. source._valueCodes.Select(part => part.Clone())];
        _keys = source._keys.clone().DetachFromDisposeScope();
        _values = source._values.clone().DetachFromDisposeScope();
        Marks = source.Marks.Clone();
    }

    /// <summary>Where the entries came from.</summary>
    public KiviMarks Marks { get; private set; }

    /// <summary>Entries.</summary>
    public long Length => Marks.Length;

    /// <summary>Keys held as codes.</summary>
    public long CodedKeys => Length - _keys.shape[1];

    /// <summary>Values held as codes.</summary>
    public long CodedValues => Length - _values.shape[1];

    /// <summary>Bytes allocated.</summary>
    public long Bytes =>
        _keyCodes.Concat(_valueCodes).Sum(part => part.Bytes)
        + (_keys.NumberOfElements + _values.NumberOfElements) * sizeof(float)
        + Marks.Bytes;

    private int ValueBits => _options.ValueBits ?? _options.Bits;

    /// <summary>Adds entries [Hkv, t, Dh].</summary>
    public void Append(Tensor keys, Tensor values, KiviMarks marks)
    {
        using var scope = NewDisposeScope();
        Replace(cat([_keys, keys], 1), cat([_values, values], 1));
        ReplaceMarks(Marks.With(marks));
    }

    /// <summary>Takes back the newest entries, none of them a code.</summary>
    public bool TryTakeBack(long count)
    {
        if (count > Math.Min(_keys.shape[1], _values.shape[1]))
            return false;
        using var scope = NewDisposeScope();
        Replace(
            _keys.narrow(1, 0, _keys.shape[1] - count).clone(),
            _values.narrow(1, 0, _values.shape[1] - count).clone()
        );
        ReplaceMarks(Marks.First(Length - count));
        return true;
    }

    /// <summary>Turns into codes what has left the residual.</summary>
    public void Quantize()
    {
        using var scope = NewDisposeScope();
        var keys = _keys.shape[1] / _options.Residual * _options.Residual;
        if (keys > 0)
        {
            var channels = _keys.narrow(1, 0, keys).transpose(1, 2); // [Hkv, Dh, n]
            Add(_keyCodes, PackedGroups.Encode(channels, _options.Bits, _options.Group, _options.HalfScales));
        }

        var values = Math.Max(0, _values.shape[1] - _options.Residual);
        if (values > 0)
            Add(
                _valueCodes,
                PackedGroups.Encode(_values.narrow(1, 0, values), ValueBits, _options.Group, _options.HalfScales)
            );
        if (keys > 0 || values > 0)
            Replace(
                _keys.narrow(1, keys, _keys.shape[1] - keys).clone(),
                _values.narrow(1, values, _values.shape[1] - values).clone()
            );
    }

    /// <summary>Keys and values [Hkv, n, Dh] as attention reads them.</summary>
    public (Tensor Keys, Tensor Values) Decode()
    {
        using var scope = NewDisposeScope();
        var keys =
            CodedKeys == 0
                ? _keys.alias()
                : cat([Groups(_keyCodes).Decode(_options.Bits, _options.Group).transpose(1, 2), _keys], 1);
        var values =
            CodedValues == 0
                ? _values.alias()
                : cat([Groups(_valueCodes).Decode(ValueBits, _options.Group), _values], 1);
        return (keys.MoveToOuterDisposeScope(), values.MoveToOuterDisposeScope());
    }

    /// <summary>What is held of the keys and of the values, for tests.</summary>
    public (PackedGroups? Keys, PackedGroups? Values, Tensor FullKeys, Tensor FullValues) Parts() =>
        (
            CodedKeys == 0 ? null : Groups(_keyCodes),
            CodedValues == 0 ? null : Groups(_valueCodes),
            _keys.alias(),
            _values.alias()
        );

    /// <summary>A row of no entry.</summary>
    public static KiviRow Empty(KiviOptions options, LayerShape shape)
    {
        using var scope = NewDisposeScope();
        var none = empty([shape.Heads, 0, shape.HeadSize], device: shape.Device);
        var marks = zeros([1, 0], ScalarType.Int32, device: shape.Device);
        return new(options, none, none, new(marks, marks, marks.to(ScalarType.Bool)));
    }

    /// <summary>Gives the entries to a state, or takes what it restores; the row is empty then.</summary>
    public void Exchange(KvState state, LayerShape shape, int seen)
    {
        using var scope = NewDisposeScope();
        var (heads, size, group) = (shape.Heads, shape.HeadSize, _options.Group);
        var positions = state.Tensor("positions", Marks.Positions, ScalarType.Int32, -1, -1);
        var tokens = state.Tensor("tokens", Marks.Tokens, ScalarType.Int32, [.. positions.shape]);
        var keep = state.Tensor("keep", Marks.Keep, ScalarType.Bool, [.. positions.shape]);
        var keys = state.Tensor("keys", _keys, ScalarType.Float32, heads, -1, size);
        var values = state.Tensor("values", _values, ScalarType.Float32, heads, -1, size);
        var (coded, codedValues) = (positions.shape[1] - keys.shape[1], positions.shape[1] - values.shape[1]);
        if (positions.shape[0] != 1 && positions.shape[0] != heads)
            throw state.Wrong("positions", $"is of {positions.shape[0]} heads; allowed is 1 or {heads}");
        if (coded < 0 || codedValues < 0 || coded % _options.Residual != 0)
            throw state.Wrong("keys", $"has {keys.shape[1]} entries, which is not what {positions.shape[1]} leave");
        state.RequireWithin("positions", positions, 0, Math.Max(0, seen - 1));
        state.RequireWithin("tokens", tokens, 0, Math.Max(0, seen - 1));
        var (bits, valueBits) = (_options.Bits, ValueBits);
        var half = _options.HalfScales ? ScalarType.Float16 : ScalarType.Float32;
        _keyCodes[0].Exchange(state, "key codes", ScalarType.Byte, heads, size, coded * bits / 8);
        _keyCodes[1].Exchange(state, "key scales", half, heads, size, coded / group);
        _keyCodes[2].Exchange(state, "key minima", half, heads, size, coded / group);
        _valueCodes[0].Exchange(state, "value codes", ScalarType.Byte, heads, codedValues, size * valueBits / 8);
        _valueCodes[1].Exchange(state, "value scales", half, heads, codedValues, size / group);
        _valueCodes[2].Exchange(state, "value minima", half, heads, codedValues, size / group);
        if (!state.IsRestoring)
            return;
        if (
            _keyCodes.Any(part => part.Length == 0 == coded > 0)
            || _valueCodes.Any(p => p.Length == 0 == codedValues > 0)
        )
            throw state.Wrong("key codes", "or others are missing");
        Replace(keys.to(shape.Device), values.to(shape.Device));
        ReplaceMarks(new(positions.to(shape.Device), tokens.to(shape.Device), keep.to(shape.Device)));
    }

    /// <summary>An independent copy.</summary>
    public KiviRow Clone() => new(this);

    /// <summary>Overwrites everything with zeros.</summary>
    public void Zero()
    {
        foreach (var part in _keyCodes.Concat(_valueCodes))
            part.Zero();
        _keys.zero_();
        _values.zero_();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var part in _keyCodes.Concat(_valueCodes))
            part.Dispose();
        _keys.Dispose();
        _values.Dispose();
        Marks.Dispose();
    }

    private static PackedGroups Groups(GrowingTensor[] parts) => new(parts[0].View, parts[1].View, parts[2].View);

    private static void Add(GrowingTensor[] parts, PackedGroups groups)
    {
        parts[0].Append(groups.Codes);
        parts[1].Append(groups.Scales);
        parts[2].Append(groups.Minima);
    }

    private void Replace(Tensor keys, Tensor values)
    {
        _keys.Dispose();
        _values.Dispose();
        (_keys, _values) = (keys.DetachFromDisposeScope(), values.DetachFromDisposeScope());
    }

    private void ReplaceMarks(KiviMarks marks)
    {
        Marks.Dispose();
        Marks = marks;
    }
}
