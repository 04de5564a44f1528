using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Palimpsest.Inference;

/// <summary>Rows that are decoded together: the prompts are read part by part, then one token per row and
/// step.</summary>
internal sealed class RowBatch : IDisposable
{
    // Tokens that a model of ordinary size reads in about a second: what stopping may take.
    private const int PartTokens = 2048;
    private const int LongestPart = 512;
    private const int ShortestPart = 64;

    private readonly IStepModel _model;
    private readonly IStepBatch _batch;
    private readonly int _padId;
    private PromptBatch? _prompts;
    private List<GenerationRow> _rows;
    private long[] _next = [];
    private readonly List<GenerationRow> _gone = [];

    /// <summary>Begins; nothing is read yet.</summary>
    /// <param name="model">Reads.</param>
    /// <param name="rows">At least one; all of ids, or all of embeddings.</param>
    /// <param name="padId">Fills up the prompts, on the left.</param>
    /// <param name="begun">What has read a beginning of the one prompt, and is disposed with this; null begins
    /// anew.</param>
    /// <exception cref="InputException">A prompt is empty, as long as the model's positions, or of another kind than
    /// those beside it.</exception>
    public RowBatch(IStepModel model, IReadOnlyList<GenerationRow> rows, int padId, IStepBatch? begun = null)
    {
        (_model, _rows, _padId) = (model, [.. rows], padId);
        _prompts = new([.. rows.Select(row => row.Prompt)], padId, model.Device);
        var longest = rows.Max(row => Math.Min(row.Options.MaxNewTokens, model.MaxTokens - row.Prompt.Length));
        _batch = begun ?? model.NewBatch(rows.Count, _prompts.Width + longest, rows[0].Options.KvPolicy);
    }

    /// <summary>Rows that are not done.</summary>
    public int Active => _rows.Count(row => !row.Done);

    /// <summary>True while prompts are being read.</summary>
    public bool IsReading => _prompts is not null;

    /// <summary>Reads the next part of the prompts, or one token per row; rows whose cancellation was asked for end
    /// before it.</summary>
    public void Advance()
    {
        foreach (var row in _rows)
        {
            if (!row.Done && row.Cancellation.IsCancellationRequested)
                row.Fail(new OperationCanceledException(row.Cancellation));
        }

        if (Active == 0)
            return;
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var logits = Read();
        if (_prompts is not null)
            return;
        _next = Choose(logits);
        for (var i = 0; i < _rows.Count; i++)
            _rows[i].Take((int)_next[i], _model.MaxTokens);
        var left = Active;
        if (left > 0 && left <= _rows.Count / 2)
            Compact();
    }

    /// <summary>Takes the rows of another batch of the same model whose prompts are read; the other is
    /// disposed.</summary>
    public void Join(RowBatch other)
    {
        Compact();
        other.Compact();
        _batch.Join(other._batch);
        other.Dispose();
        _gone.AddRange(other._gone);
        _rows = [.. _rows, .. other._rows];
        _next = [.. _next, .. other._next];
    }

    /// <summary>Ends every row with an error.</summary>
    public void Fail(Exception error)
    {
        foreach (var row in _rows.Where(row => !row.Done))
            row.Fail(error);
    }

    /// <summary>Every row that is done.</summary>
    public IEnumerable<GenerationRow> Finished => _gone.Concat(_rows.Where(row => row.Done));

    /// <summary>Forgets the rows that have left.</summary>
    public void Forget() => _gone.Clear();

    /// <inheritdoc/>
    public void Dispose()
    {
        _batch.Dispose();
        _prompts?.Dispose();
    }

    private Tensor Read()
    {
        if (_prompts is null)
            return _batch.Read(new() { TokenIds = tensor(_next, [_rows.Count, 1], device: _model.Device) });
        var part = _model.ReadsInParts
            ? Math.Clamp(PartTokens / _rows.Count, ShortestPart, LongestPart)
            : _prompts.Width;
        var logits = _batch.Read(_prompts.Part(_batch.Length, part));
        if (_batch.Length == _prompts.Width)
        {
            _prompts.Dispose();
            _prompts = null;
        }

        return logits;
    }

    private long[] Choose(Tensor logits)
    {
        if (_rows.TrueForAll(row => row.Sampler is null))
            return logits.argmax(-1).cpu().data<long>().ToArray();
        var values = logits.cpu().contiguous().data<float>().ToArray();
        var vocabulary = (int)logits.shape[1];
        return [.. _rows.Select((row, i) => (long)Choose(row, values.AsSpan(i * vocabulary, vocabulary)))];
    }

    private int Choose(GenerationRow row, Span<float> logits)
    {
        if (row.Done)
            return _padId;
        if (row.Sampler is null)
            return TensorPrimitives.IndexOfMax((ReadOnlySpan<float>)logits);
        try
        {
            return row.Sampler.Next(logits);
        }
        catch (Exception error)
        {
            // A row's own processor failed; those beside it go on.
            row.Fail(error);
            return _padId;
        }
    }

    private void Compact()
    {
        if (Active == _rows.Count)
            return;
        long[] kept = [.. Enumerable.Range(0, _rows.Count).Where(i => !_rows[i].Done).Select(i => (long)i)];
        _batch.Keep(kept);
        _gone.AddRange(_rows.Where(row => row.Done));
        _rows = [.. kept.Select(i => _rows[(int)i])];
        _next = [.. kept.Select(i => _next[i])];
    }
}
