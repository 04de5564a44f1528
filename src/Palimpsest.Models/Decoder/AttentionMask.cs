namespace Palimpsest.Models;

/// <summary>Which keys each query of a pass may see, in the cheapest form that a layer can use.</summary>
internal sealed class AttentionMask : IDisposable
{
    private readonly Device _device;
    private readonly int _tokens;
    private readonly int _past;
    private readonly bool _rightPadded;
    private readonly bool _hidesPadding;
    private readonly Dictionary<int, Tensor> _biases = [];

    /// <summary>Looks at the padding of a pass.</summary>
    /// <param name="mask">Real tokens [B, S] int64 or bool, or null.</param>
    /// <param name="tokens">T.</param>
    /// <param name="past">S − T.</param>
    /// <param name="device">Where masks are made.</param>
    /// <param name="hidesPadding">Whether padding, too, sees real tokens alone.</param>
    public AttentionMask(Tensor? mask, int tokens, int past, Device device, bool hidesPadding)
    {
        (_tokens, _past, _device) = (tokens, past, device);
        if (mask is null)
            return;
        var real = mask.dtype == ScalarType.Bool ? mask : mask != 0;
        if (real.all().item<bool>())
            return;
        (Real, _hidesPadding) = (real, hidesPadding);
        _rightPadded =
            past == 0
            && (tokens == 1 || real.narrow(1, 1, tokens - 1).le(real.narrow(1, 0, tokens - 1)).all().item<bool>());
    }

    /// <summary>Where masks are made.</summary>
    public Device Device => _device;

    /// <summary>Real tokens [B, S] bool, or null when all are.</summary>
    public Tensor? Real { get; }

    /// <summary>Real tokens where positions do not simply count up from the first.</summary>
    public Tensor? Shifting => _rightPadded ? null : Real;

    /// <summary>True when "every query sees all keys up to its own" says everything about the real tokens.</summary>
    public bool IsPlainCausal(int? window) =>
        _tokens > 1 && _past == 0 && Shifting is null && !_hidesPadding && !IsWindowed(window);

    /// <summary>What is added to the scores, 0 or −∞ [1 or B, 1, T, S] float32; null when nothing is hidden.</summary>
    public Tensor? Bias(int? window)
    {
        if (_tokens == 1 && Real is null && !IsWindowed(window))
            return null;
        var key = IsWindowed(window) ? window!.Value : 0;
        if (!_biases.TryGetValue(key, out var bias))
            _biases[key] = bias = Build(key);
        return bias;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var bias in _biases.Values)
            bias.Dispose();
    }

    private bool IsWindowed(int? window) => window is { } size && _past + _tokens > size;

    /// <summary>Keys that lie less than a window of real tokens back [B, 1, T, S]; padding in between does not use it
    /// up.</summary>
    private Tensor WithinRealTokens(int window)
    {
        var order = Shifting!.to(ScalarType.Int64).cumsum(1).unsqueeze(1).unsqueeze(1); // [B, 1, 1, S]
        return order > order.narrow(3, _past, _tokens).transpose(2, 3) - window;
    }

    private Tensor Build(int window)
    {
        using var scope = NewDisposeScope();
        var length = _past + _tokens;
        var queries = arange(_past, length, device: _device).unsqueeze(1); // [T, 1]
        var keys = arange(length, device: _device); // [S]
        var seen = keys <= queries; // [T, S]
        if (window > 0)
            seen = seen.logical_and(Shifting is null ? keys > queries - window : WithinRealTokens(window));
        if (Real is not null)
            seen = seen.logical_and(Real.unsqueeze(1).unsqueeze(1)); // [B, 1, T, S]
        // Without any key a row would be NaN.
        seen = seen.logical_or((keys == queries).logical_and(seen.any(-1, true).logical_not()));
        if (Real is null)
            seen = seen.view(1, 1, _tokens, length);
        return zeros_like(seen, dtype: ScalarType.Float32)
            .masked_fill(seen.logical_not(), double.NegativeInfinity)
            .DetachFromDisposeScope();
    }
}
