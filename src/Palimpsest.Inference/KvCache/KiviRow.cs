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
