using System.Runtime.InteropServices;

namespace Palimpsest.Models;

/// <summary>The tokens that a cache has read, pass by pass, so that they can be read again.</summary>
/// <param name="rows">Rows.</param>
internal sealed class KvRecord(int rows)
{
    private const int Erased = -1;

    private List<int>[] _rows = [.. Enumerable.Range(0, rows).Select(_ => new List<int>())];
    private List<KvRecordedPass> _passes = [];

    /// <summary>Why the text cannot be read again from this; null where it can.</summary>
    public string? Lack { get; private set; }

    /// <summary>Whether tokens were erased whose places stayed.</summary>
    public bool HasGaps => _rows is [var first, ..] && first.Contains(Erased);

    /// <summary>Tokens per row.</summary>
    public int Length => _passes.Sum(pass => pass.Count);

    /// <summary>The passes, oldest first.</summary>
    public IReadOnlyList<KvRecordedPass> Passes => _passes;

    /// <summary>Adds a pass.</summary>
    public void Add(ForwardInput input, int count, KvPhase phase)
    {
        Lack ??= input switch
        {
            { Embeddings: not null } => "tokens came as embeddings",
            { Positions: not null } => "tokens came with positions of their own",
            { AnswerMask: not null } => "tokens came with marks of what answers",
            { RecordsGradient: true } => "gradients were recorded",
            _ => null,
        };
        if (input is { TokenIds: { } ids, Embeddings: null })
        {
            using var scope = NewDisposeScope();
            var numbers = ids.cpu().contiguous().data<long>();
            var at = 0;
            foreach (var id in numbers)
                _rows[at++ / count].Add((int)id);
        }
        else
        {
            foreach (var row in _rows)
                row.AddRange(Enumerable.Repeat(0, count));
        }

        _passes.Add(new(count, phase, input.HidesPadding));
    }

    /// <summary>Says why the text can no longer be read again.</summary>
    public void Lose(string lack) => Lack ??= lack;

    /// <summary>Tokens of a row; −1 where they were erased.</summary>
    public ReadOnlySpan<int> Row(int row) => CollectionsMarshal.AsSpan(_rows[row]);

    /// <summary>Ids [B, count] int64; the caller disposes it.</summary>
    public Tensor Ids(int start, int count, Device device) =>
        tensor(
            [.. _rows.SelectMany(row => row.Skip(start).Take(count)).Select(id => (long)id)],
            [_rows.Length, count],
            device: device
        );

    /// <summary>Forgets the tokens from <paramref name="length"/> on.</summary>
    public void Truncate(int length)
    {
        foreach (var row in _rows)
        {
            if (row.Count <= length)
                continue;
            CollectionsMarshal.AsSpan(row)[length..].Clear();
            row.RemoveRange(length, row.Count - length);
        }

        var passes = new List<KvRecordedPass>();
        var left = length;
        foreach (var pass in _passes.TakeWhile(_ => left > 0))
        {
            passes.Add(pass with { Count = Math.Min(pass.Count, left) });
            left -= pass.Count;
        }

        _passes = passes;
        if (length == 0)
            Lack = null;
    }

    /// <summary>Overwrites a span's ids; their places stay.</summary>
    public void Forget(KvSpan span)
    {
        foreach (var row in _rows)
            CollectionsMarshal.AsSpan(row)[span.Start..span.End].Fill(Erased);
    }

    /// <summary>Overwrites all ids.</summary>
    public void Clear() => Truncate(0);

    /// <summary>Whether a token stays when a span goes: it is not in it and was not erased before.</summary>
    public bool Stays(int token, KvSpan span) =>
        (token < span.Start || token >= span.End) && (_rows.Length == 0 || _rows[0][token] != Erased);

    /// <summary>The record of a text that never held a span, nor what was erased before.</summary>
    public KvRecord Without(KvSpan span)
    {
        int[] staying = [.. Enumerable.Range(0, Length).Where(token => Stays(token, span))];
        var record = new KvRecord(0)
        {
            _rows = [.. _rows.Select(row => staying.Select(token => row[token]).ToList())],
            Lack = Lack,
        };
        var start = 0;
        foreach (var pass in _passes)
        {
            var end = start + pass.Count;
            var count = staying.Count(token => token >= start && token < end);
            start = end;
            if (count > 0)
                record._passes.Add(pass with { Count = count });
            else if (pass.Phase == KvPhase.PrefillEnd && record._passes is [.., { Phase: KvPhase.PrefillChunk } last])
                record._passes[^1] = last with { Phase = KvPhase.PrefillEnd }; // a prompt ends with what is left of it
        }

        if (record._passes is [{ Phase: KvPhase.Step } first, ..])
            record._passes[0] = first with { Phase = KvPhase.PrefillEnd }; // nothing comes before it
        return record;
    }

    /// <summary>Gives or takes the record.</summary>
    public void Exchange(KvState state, int rows, int length, int vocabulary)
    {
        using var scope = NewDisposeScope();
        Lack = state.Flag("whole", Lack is null) ? null : Lack ?? "it was read before it was saved";
        var ids = tensor([.. _rows.SelectMany(row => row)], [rows, Length], ScalarType.Int32);
        ids = state.Tensor("ids", state.IsRestoring ? null : ids, ScalarType.Int32, rows, length);
        state.RequireWithin("ids", ids, Erased, vocabulary - 1);
        var passes = state.Numbers(
            "passes",
            [.. _passes.SelectMany(pass => new long[] { pass.Count, (long)pass.Phase, pass.HidesPadding ? 1 : 0 })]
        );
        if (!state.IsRestoring)
            return;
        var fits = passes.Length % 3 == 0 && passes.Chunk(3).Sum(pass => pass[0]) == length;
        if (!fits || passes.Chunk(3).Any(pass => pass[0] < 1 || pass[1] > (long)KvPhase.Step || pass[2] > 1))
            throw state.Wrong("passes", $"are not those of {length} tokens");
        _passes = [.. passes.Chunk(3).Select(pass => new KvRecordedPass((int)pass[0], (KvPhase)pass[1], pass[2] == 1))];
        var numbers = ids.data<int>().ToArray();
        _rows = [.. Enumerable.Range(0, rows).Select(row => numbers.AsSpan(row * length, length).ToArray().ToList())];
    }

    /// <summary>Each row as many times, one after another.</summary>
    public KvRecord Repeat(int copies) =>
        With(_rows.SelectMany(row => Enumerable.Range(0, copies).Select(_ => row.ToList())));

    /// <summary>The rows at these places.</summary>
    public KvRecord Select(ReadOnlySpan<long> rows)
    {
        var places = rows.ToArray();
        return With(places.Select(place => _rows[(int)place].ToList()));
    }

    private KvRecord With(IEnumerable<List<int>> rows) =>
        new(0)
        {
            _rows = [.. rows],
            _passes = [.. _passes],
            Lack = Lack,
        };
}
