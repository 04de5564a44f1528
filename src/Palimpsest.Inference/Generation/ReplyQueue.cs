namespace Palimpsest.Inference;

/// <summary>Decodes replies that are asked for at once together: rows join and leave one batch as they come and
/// end.</summary>
/// <remarks>
/// A prompt is read by itself, in parts between which the others go on; a reply that is alone is decoded as it would be
/// without the queue, bit for bit. One thread works as long as there is something to do.
/// </remarks>
internal sealed class ReplyQueue(IStepModel model, int padId)
{
    // From here on a step costs as much more as it holds more rows.
    private const int MostRows = 16;

    private readonly Lock _lock = new();
    private readonly Queue<Reply> _waiting = [];
    private readonly Dictionary<GenerationRow, Reply> _open = [];
    private bool _works;

    /// <summary>Decodes a row; its result comes when it has ended.</summary>
    public Task<GeneratedRow> AddAsync(GenerationRow row)
    {
        var reply = new Reply(row);
        lock (_lock)
        {
            _waiting.Enqueue(reply);
            if (_works)
                return reply.Result;
            _works = true;
        }

        _ = Task.Run(Work);
        return reply.Result;
    }

    private void Work()
    {
        RowBatch? decoding = null;
        RowBatch? reading = null;
        try
        {
            while (true)
            {
                if (reading is null && (decoding?.Active ?? 0) < MostRows)
                    reading = Begin(wait: decoding is null);
                else
                    EndCancelled();
                if (reading is null && decoding is null)
                    return;
                if (reading is not null)
                    (decoding, reading) = Read(decoding, reading);
                decoding = Step(decoding);
            }
        }
        finally
        {
            decoding?.Dispose();
            reading?.Dispose();
        }
    }

    /// <summary>Begins the next reply that waits; null when none does, and the work ends where nothing else is
    /// done.</summary>
    private RowBatch? Begin(bool wait)
    {
        while (true)
        {
            Reply? reply;
            lock (_lock)
            {
                if (!_waiting.TryDequeue(out reply))
                {
                    _works = !wait;
                    return null;
                }
            }

            try
            {
                reply.Row.Cancellation.ThrowIfCancellationRequested();
                var batch = new RowBatch(model, [reply.Row], padId);
                _open.Add(reply.Row, reply);
                return batch;
            }
            catch (Exception error)
            {
                reply.Row.Fail(error);
                reply.Complete();
            }
        }
    }

    private void EndCancelled()
    {
        List<Reply> cancelled;
        lock (_lock)
        {
            cancelled = [.. _waiting.Where(reply => reply.Row.Cancellation.IsCancellationRequested)];
            for (var left = cancelled.Count > 0 ? _waiting.Count : 0; left > 0; left--)
            {
                if (_waiting.Dequeue() is var reply && !cancelled.Contains(reply))
                    _waiting.Enqueue(reply);
            }
        }

        foreach (var reply in cancelled)
        {
            reply.Row.Fail(new OperationCanceledException(reply.Row.Cancellation));
            reply.Complete();
        }
    }

    private (RowBatch? Decoding, RowBatch? Reading) Read(RowBatch? decoding, RowBatch reading)
    {
        Advance(reading);
        if (reading.Active == 0)
        {
            End(reading);
            return (decoding, null);
        }

        if (reading.IsReading)
            return (decoding, reading);
        if (decoding is null)
            return (reading, null);
        try
        {
            decoding.Join(reading);
        }
        catch (Exception error)
        {
            reading.Fail(error);
            End(reading);
        }

        return (decoding, null);
    }

    private RowBatch? Step(RowBatch? decoding)
    {
        if (decoding is null)
            return null;
        Advance(decoding);
        if (decoding.Active > 0)
        {
            Complete(decoding);
            return decoding;
        }

        End(decoding);
        return null;
    }

    // Memory is free before anyone hears of the end.
    private void End(RowBatch batch)
    {
        batch.Dispose();
        Complete(batch);
    }

    private static void Advance(RowBatch batch)
    {
        try
        {
            batch.Advance();
        }
        catch (Exception error)
        {
            batch.Fail(error);
        }
    }

    private void Complete(RowBatch batch)
    {
        foreach (var row in batch.Finished)
        {
            if (_open.Remove(row, out var reply))
                reply.Complete();
        }

        batch.Forget();
    }

    private sealed class Reply(GenerationRow row)
    {
        private readonly TaskCompletionSource<GeneratedRow> _result = new(
            TaskCreationOptions.RunContinuationsAsynchronously
        );

        public GenerationRow Row => row;

        public Task<GeneratedRow> Result => _result.Task;

        public void Complete()
        {
            try
            {
                _result.SetResult(row.Finish());
            }
            catch (OperationCanceledException error)
            {
                _result.TrySetCanceled(error.CancellationToken);
            }
            catch (Exception error)
            {
                _result.SetException(error);
            }
        }
    }
}
