using System.Runtime.InteropServices;

namespace Palimpsest.Cli;

/// <summary>Ctrl-C and termination: the first asks the work to stop where it can go on later, a second ends the process
/// at once.</summary>
public sealed class Interrupts : IDisposable
{
    private static Action? s_diverted;

    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _signals;

    /// <summary>Listens until it is disposed.</summary>
    public Interrupts() => _signals = [Listen(PosixSignal.SIGINT), Listen(PosixSignal.SIGTERM)];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>While the result is not disposed, Ctrl-C calls <paramref name="instead"/> and nothing else.</summary>
    public static IDisposable Divert(Action instead)
    {
        var before = Interlocked.Exchange(ref s_diverted, instead);
        return new Diversion(before);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var signal in _signals)
            signal.Dispose();
        _stop.Dispose();
    }

    private PosixSignalRegistration Listen(PosixSignal signal) =>
        PosixSignalRegistration.Create(
            signal,
            context =>
            {
                if (signal == PosixSignal.SIGINT && Volatile.Read(ref s_diverted) is { } instead)
                {
                    context.Cancel = true;
                    instead();
                }
                else if (!_stop.IsCancellationRequested)
                {
                    context.Cancel = true;
                    _stop.Cancel();
                }
            }
        );

    private sealed class Diversion(Action? before) : IDisposable
    {
        public void Dispose() => Volatile.Write(ref s_diverted, before);
    }
}
