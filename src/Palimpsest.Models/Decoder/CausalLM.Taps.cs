namespace Palimpsest.Models;

public sealed partial class CausalLM
{
    private readonly Lock _tapLock = new();
    private volatile TapSet? _taps;

    /// <summary>Lets a tap see and change every pass of this model from now on, in training, scoring and generation
    /// alike, until the result is disposed. Taps are called in the order of attaching.</summary>
    /// <remarks>
    /// Passes that run keep the taps they began with. Copies of the model and saved weights do not have them. A tap
    /// that returns every activation as it is changes no bit.
    /// </remarks>
    /// <exception cref="InputException">The tap names no site, or one that the model does not have; the message has the
    /// nearest.</exception>
    public IDisposable Attach(ITap tap)
    {
        ArgumentNullException.ThrowIfNull(tap);
        TapSite[] sites = [.. tap.Sites];
        TapSites.Require(Config, tap, sites);
        lock (_tapLock)
            _taps = (_taps ?? TapSet.None).With(tap, sites);
        return new Attachment(this, tap);
    }

    private void Detach(ITap tap)
    {
        lock (_tapLock)
            _taps = _taps?.Without(tap);
    }

    private sealed class Attachment(CausalLM model, ITap tap) : IDisposable
    {
        private CausalLM? _model = model;

        public void Dispose() => Interlocked.Exchange(ref _model, null)?.Detach(tap);
    }
}
