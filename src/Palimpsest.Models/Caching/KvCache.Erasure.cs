using System.Globalization;
using Palimpsest.Erasure;

namespace Palimpsest.Models;

public sealed partial class KvCache
{
    private const string CachePlace = "key-value cache";
    private const string RecordPlace = "record of tokens";

    /// <summary>The tokens read.</summary>
    internal KvRecord Record { get; private set; }

    /// <summary>The model that has read last; null before any has.</summary>
    internal CausalLM? Reader { get; set; }

    /// <summary>
    /// Erases the tokens of a span. By default all that they could have changed is read again without them, so that the
    /// cache is that of a text that never held them: bit for bit where a policy has it read from its beginning, within
    /// 1e-4 of the largest logit where later tokens alone are read again, whose passes begin elsewhere.
    /// </summary>
    /// <param name="span">Which; the same in every row.</param>
    /// <param name="options">What is read again; <see cref="KvErasureMode.Reread"/> by default.</param>
    /// <returns>What became of the span in each place, from reading the place again: the cache and its record of
    /// tokens. Unless <see cref="KvErasureMode.DropEntries"/> was asked for, <see cref="Length"/> is shorter by the
    /// span, and so must masks of later passes be.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The span is not within the tokens seen.</exception>
    /// <exception cref="InvalidOperationException">Something is to be read again, and the tokens were not given as ids
    /// alone; or entries are to be dropped of a model whose angles change with the length of the text.</exception>
    public ErasureReport Erase(KvSpan span, KvErasureOptions? options = null)
    {
        RequireSeen(span);
        options ??= new();
        if (span.Length == 0)
            return new([new(CachePlace, ErasureStatus.NotFound, "The span has no token.")]);
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var probe = options.Probe && options.Mode != KvErasureMode.Reread ? new KvProbe(this, span) : null;
        var before = probe?.Surprise(this);
        var held = Holds(span);
        var baseline = probe is not null && options.ProbeBaseline ? NeverHeld(probe, span) : null;
        var place = options.Mode switch
        {
            KvErasureMode.DropEntries => Dropped(span),
            KvErasureMode.RereadLater when !Record.HasGaps => RereadLater(span),
            _ when IsExactBefore => RereadLater(span),
            _ => RereadAll(span),
        };
        var measured = new Dictionary<string, double> { ["entries before"] = held };
        if (place.Status == ErasureStatus.StillContains && probe is not null)
        {
            Measure("nats per erased token, with it", before);
            Measure("nats per erased token, after", probe.Surprise(this));
            Measure("nats per erased token, never held", baseline);
        }

        return new([place with { Measured = measured }, RecordReport(span, options.Mode)]);

        void Measure(string name, double? value)
        {
            if (value is { } number)
                measured[name] = number;
        }
    }

    /// <summary>Entries that have anything of a span's tokens, summed over layers, rows and heads.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The span is not within the tokens seen.</exception>
    public long Holds(KvSpan span)
    {
        RequireSeen(span);
        return _layers.Sum(layer => layer.Holds(span.Start, span.End));
    }

    /// <summary>
    /// Drops the entries of a span's tokens in every layer and overwrites their bytes. The tokens still count as seen,
    /// and later tokens that have read them remain.
    /// </summary>
    /// <returns>Entries dropped, summed over layers, rows and heads.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The span is not within the tokens seen.</exception>
    /// <exception cref="InvalidOperationException">The model's angles change with the length of the text, so that the
    /// cache holds the tokens themselves to read them again.</exception>
    public long DropEntries(KvSpan span)
    {
        RequireSeen(span);
        if (History is not null)
            throw new InvalidOperationException("A cache whose tokens are read again cannot lose some of them.");
        Record.Forget(span);
        return _layers.Sum(layer => layer.Erase(span.Start, span.End));
    }

    /// <summary>True when what is held of a token depends on those before it alone.</summary>
    private bool IsExactBefore => Policy is null && History is null && _layers.All(layer => layer.IsPlain);

    private PlaceReport Dropped(KvSpan span)
    {
        var isLast = span.End == Length && Policy is null;
        DropEntries(span);
        var left = Holds(span);
        if (left > 0)
            return new(CachePlace, ErasureStatus.StillContains, Text($"{left} of its entries are still held."));
        return isLast
            ? new(CachePlace, ErasureStatus.Removed, "Its entries are gone, and no later token has read it.")
            : new(
                CachePlace,
                ErasureStatus.StillContains,
                Text($"Its entries are gone; {Length - span.End} later tokens have read it, and their entries stay.")
            );
    }

    private PlaceReport RereadLater(KvSpan span)
    {
        var (record, real, isExact, old) = (Readable(span), RealWithout(span), IsExactBefore, Length);
        foreach (var layer in _layers.Where(layer => !layer.IsPlain))
            layer.Erase(span.Start, old);
        Truncate(span.Start);
        Replay(this, record, real, span.Start);
        foreach (var layer in _layers.OfType<ContiguousLayerCache>())
            layer.ZeroSpare();
        var again = Text($"{record.Length - span.Start} later tokens were read again.");
        return isExact
            ? new(CachePlace, ErasureStatus.Rebuilt, again)
            : new(
                CachePlace,
                ErasureStatus.StillContains,
                $"{again} What is held of earlier ones was chosen with it in view."
            );
    }

    private PlaceReport RereadAll(KvSpan span)
    {
        var (record, real) = (Readable(span), RealWithout(span));
        using var anew = Empty();
        Replay(anew, record, real, 0);
        foreach (var layer in _layers)
        {
            layer.Erase(0, layer.Seen);
            layer.Notes.Zero();
        }

        var left = _layers.Sum(layer => layer.Holds(0, layer.Seen));
        Exchange(anew);
        return left == 0
            ? new(CachePlace, ErasureStatus.Rebuilt, Text($"All {record.Length} other tokens were read again."))
            : new(CachePlace, ErasureStatus.StillContains, Text($"{left} entries could not be overwritten."));
    }

    private PlaceReport RecordReport(KvSpan span, KvErasureMode mode)
    {
        var left = 0;
        if (mode == KvErasureMode.DropEntries)
        {
            for (var token = span.Start; token < span.End; token++)
                left += Record.Stays(token, default) ? 1 : 0;
        }
        else
        {
            left = Record.Length - Length;
        }

        return left == 0
            ? new(RecordPlace, ErasureStatus.Removed, Text($"{span.Length} ids are gone."))
            : new(RecordPlace, ErasureStatus.StillContains, Text($"{left} ids are still there."));
    }

    private double? NeverHeld(KvProbe probe, KvSpan span)
    {
        using var never = Empty();
        Replay(never, Readable(span), RealWithout(span), 0);
        return probe.Surprise(never);
    }

    private KvRecord Readable(KvSpan span) =>
        Record.Lack is { } lack || Reader is null
            ? throw new InvalidOperationException(
                $"The text cannot be read again: {Record.Lack ?? "no model has read it"}."
            )
            : Record.Without(span);

    /// <summary>Real tokens [B, tokens that stay] bool; null when all are.</summary>
    private Tensor? RealWithout(KvSpan span)
    {
        if (Real is null)
            return null;
        long[] staying =
        [
            .. Enumerable.Range(0, Length).Where(token => Record.Stays(token, span)).Select(token => (long)token),
        ];
        return Real.index_select(1, tensor(staying, device: Real.device));
    }

    private KvCache Empty() => new(Reader!.Config, Batch, Capacity, Reader.Device, Policy);

    /// <summary>Reads the tokens of a record from a place on into a cache.</summary>
    private void Replay(KvCache target, KvRecord record, Tensor? real, int from)
    {
        var end = 0;
        foreach (var pass in record.Passes)
        {
            var start = Math.Max(end, from);
            end += pass.Count;
            if (end <= start)
                continue;
            using var scope = NewDisposeScope();
            Reader!.Forward(
                new()
                {
                    TokenIds = record.Ids(start, end - start, Reader.Device),
                    AttentionMask = real?.narrow(1, 0, end),
                    HidesPadding = pass.HidesPadding,
                    Cache = target,
                    Phase = pass.Phase,
                    Flags = target.Notes.Flags is null ? Notes.Flags : null,
                    Logits = LogitsFor.None,
                }
            );
        }
    }

    /// <summary>Takes what another cache of the same rows holds, and gives it its own.</summary>
    private void Exchange(KvCache other)
    {
        (_layers, other._layers) = (other._layers, _layers);
        foreach (var layer in _layers)
            layer.Owner = this;
        foreach (var layer in other._layers)
            layer.Owner = other;
        (Capacity, Length, RotaryVariant, IsInPrompt) = (
            other.Capacity,
            other.Length,
            other.RotaryVariant,
            other.IsInPrompt
        );
        History?.zero_();
        LastHidden?.zero_();
        Record.Clear();
        (Record, Notes) = (other.Record, other.Notes);
        (History, other.History) = (other.History, History);
        (LastHidden, other.LastHidden) = (other.LastHidden, LastHidden);
        (Real, other.Real) = (other.Real, Real);
    }

    private void RequireSeen(KvSpan span)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(span.Start, nameof(span));
        ArgumentOutOfRangeException.ThrowIfLessThan(span.End, span.Start, nameof(span));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(span.End, Length, nameof(span));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
