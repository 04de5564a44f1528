namespace Palimpsest.Inference;

/// <summary>Counts the calls of something that can be disposed: it is released when the last has ended.</summary>
/// <param name="owner">Named by errors of later calls.</param>
/// <param name="release">Frees what the calls use.</param>
internal sealed class OpenCalls(object owner, Action release)
{
    private readonly Lock _lock = new();
    private int _calls;
    private bool _isClosed;

    /// <summary>Begins a call, which ends when the result is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The owner is disposed.</exception>
    public IDisposable Enter()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, owner);
            _calls++;
        }

        return new Call(this);
    }

    /// <summary>Refuses further calls.</summary>
    public void Close()
    {
        lock (_lock)
        {
            if (_isClosed)
                return;
            _isClosed = true;
            if (_calls > 0)
                return;
        }

        release();
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_calls > 0 || !_isClosed)
                return;
        }

        release();
    }

    private sealed class Call(OpenCalls calls) : IDisposable
    {
        private OpenCalls? _calls = calls;

        public void Dispose() => Interlocked.Exchange(ref _calls, null)?.Leave();
    }
}
