using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Palimpsest.TestKit;

/// <summary>Keeps what is logged.</summary>
public sealed class ListLogger<T> : ILogger<T>
{
    private readonly ConcurrentQueue<(int Event, string Message)> _entries = [];

    /// <summary>Event ids and messages, in their order.</summary>
    public IReadOnlyList<(int Event, string Message)> Entries => [.. _entries];

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => true;

    /// <inheritdoc/>
    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    ) => _entries.Enqueue((eventId.Id, formatter(state, exception)));
}
