namespace Palimpsest.Tokenizers;

/// <summary>Filters of lists and mappings as wholes.</summary>
internal static class TemplateItemFilters
{
    public static IReadOnlyList<(string Names, string Signature, Func<TemplateCall, object?> Body)> All { get; } =
    [
        ("length count", "", c => TemplateValue.Count(c.Target)),
        ("first", "", c => TemplateValue.Iterate(c.Target).DefaultIfEmpty(new Undefined("first")).First()),
        ("last", "", c => Reversed(c.Target).DefaultIfEmpty(new Undefined("last")).First()),
        ("list", "", c => TemplateValue.Iterate(c.Target).ToList()),
        ("reverse", "", Reverse),
        ("join", "d? attribute?", Join),
        ("sum", "attribute? start?", Sum),
        ("min", "case_sensitive? attribute?", c => Extreme(c, -1)),
        ("max", "case_sensitive? attribute?", c => Extreme(c, 1)),
        ("sort", "reverse? case_sensitive? attribute?", Sort),
        ("unique", "case_sensitive? attribute?", c => new TemplateGenerator(Unique(c))),
        ("groupby", "attribute default? case_sensitive?", GroupBy),
        ("batch", "linecount fill_with?", c => new TemplateGenerator(Batch(c))),
        ("slice", "slices fill_with?", c => new TemplateGenerator(Slices(c))),
        ("items", "", Items),
        ("dictsort", "case_sensitive? by? reverse?", DictionarySort),
    ];

    /// <summary>The items from the last to the first.</summary>
    private static IEnumerable<object?> Reversed(object? value) =>
        value is TemplateGenerator or TemplateLoop
            ? throw TemplateValue.Wrong("take the last item of", value)
            : TemplateValue.Iterate(value).Reverse();

    private static object? Reverse(TemplateCall call)
    {
        if (TemplateValue.AsText(call.Target) is { } text)
            return TemplateValue.Like(
                call.Target,
                string.Concat(TemplateText.Characters(text).AsEnumerable().Reverse())
            );
        var reversed = TemplateValue.Iterate(call.Target).Reverse().ToList();
        return call.Target is TemplateGenerator ? reversed : new TemplateGenerator(reversed);
    }

    private static string Join(TemplateCall call)
    {
        var items = TemplateValue.Iterate(call.Target);
        if (call[1] is { } attribute)
            items = items.Select(TemplateAttribute.Reader(attribute));
        return TemplateText.Join(TemplateValue.Show(call.Or(0, "")), [.. items.Select(TemplateValue.Show)]);
    }

    private static object? Sum(TemplateCall call)
    {
        var start = call.Or(1, 0L);
        if (TemplateValue.AsText(start) is not null)
            throw new TemplateError("sum does not add texts; 'join' does.");
        var items = TemplateValue.Iterate(call.Target);
        if (call[0] is { } attribute)
            items = items.Select(TemplateAttribute.Reader(attribute));
        return items.Aggregate(start, (sum, item) => TemplateArithmetic.Apply("+", sum, item));
    }

    private static object? Extreme(TemplateCall call, int sign)
    {
        var read = TemplateAttribute.Reader(call[1], foldsCase: !call.Flag(0));
        object? best = new Undefined("the extreme of nothing");
        object? bestKey = null;
        var isFirst = true;
        foreach (var item in TemplateValue.Iterate(call.Target))
        {
            var key = read(item);
            if (isFirst || TemplateOrder.Holds(sign < 0 ? "<" : ">", key, bestKey))
                (best, bestKey) = (item, key);
            isFirst = false;
        }

        return best;
    }

    private static List<object?> Sort(TemplateCall call)
    {
        IEnumerable<object?> attributes = TemplateValue.AsText(call[2]) is { } names ? names.Split(',') : [call[2]];
        var readers = attributes.Select(one => TemplateAttribute.Reader(one, foldsCase: !call.Flag(1))).ToList();
        object? Key(object? item) => readers.Select(read => read(item)).ToList();
        return TemplateOrder.Sorted(TemplateValue.Iterate(call.Target), Key, call.Flag(0));
    }

    private static IEnumerable<object?> Unique(TemplateCall call)
    {
        var read = TemplateAttribute.Reader(call[1], foldsCase: !call.Flag(0));
        var seen = new HashSet<TemplateKey>();
        foreach (var item in TemplateValue.Iterate(call.Target))
        {
            if (seen.Add(TemplateKey.From(read(item))))
                yield return item;
        }
    }

    private static List<object?> GroupBy(TemplateCall call)
    {
        var key = TemplateAttribute.Reader(call[0], foldsCase: !call.Flag(2), absent: call[1]);
        var shown = TemplateAttribute.Reader(call[0], absent: call[1]);
        var groups = new List<object?>();
        List<object?>? group = null;
        object? last = null;
        foreach (var item in TemplateOrder.Sorted(TemplateValue.Iterate(call.Target), key, isDescending: false))
        {
            var here = key(item);
            if (group is null || !TemplateOrder.AreEqual(last, here))
            {
                group = [];
                groups.Add(new TemplateTuple { shown(item), group }.WithNames("grouper", "list"));
            }

            group.Add(item);
            last = here;
        }

        return groups;
    }

    private static IEnumerable<object?> Batch(TemplateCall call)
    {
        var size = call.Whole(0, 0);
        var batch = new List<object?>();
        foreach (var item in TemplateValue.Iterate(call.Target))
        {
            if (batch.Count == size)
            {
                yield return batch;
                batch = [];
            }

            batch.Add(item);
        }

        if (batch.Count == 0)
            yield break;
        if (call[1] is { } filler && batch.Count < size)
        {
            TemplateRun.CheckLength(size);
            batch.AddRange(Enumerable.Repeat<object?>(filler, (int)size - batch.Count));
        }

        yield return batch;
    }

    private static IEnumerable<object?> Slices(TemplateCall call)
    {
        var items = TemplateValue.Iterate(call.Target).ToList();
        var count = call.Whole(0, 0);
        if (count == 0)
            throw new TemplateError("slice takes a number of slices other than 0.");
        TemplateRun.CheckLength(Math.Max(0, count));
        var at = 0;
        for (var i = 0L; i < count; i++)
        {
            var isLonger = i < items.Count % count;
            var size = (int)(items.Count / count) + (isLonger ? 1 : 0);
            var slice = items.GetRange(at, size);
            at += size;
            if (call[1] is { } filler && !isLonger)
                slice.Add(filler);
            yield return slice;
        }
    }

    private static TemplateGenerator Items(TemplateCall call) =>
        call.Target switch
        {
            Undefined => new TemplateGenerator([]),
            TemplateMapping entries => new TemplateGenerator(new TemplateView("items", entries).Items),
            _ => throw TemplateValue.Wrong("take the items of", call.Target),
        };

    private static List<object?> DictionarySort(TemplateCall call)
    {
        if (call.Target is not TemplateMapping entries)
            throw TemplateValue.Wrong("take the items of", call.Target);
        var place = call.Has(1) ? TemplateValue.Show(call[1]) : "key";
        if (place is not ("key" or "value"))
            throw new TemplateError("dictsort sorts by 'key' or 'value'.");
        object? Key(object? pair)
        {
            var side = ((TemplateTuple)pair!)[place == "key" ? 0 : 1];
            return call.Flag(0) ? side : TemplateAttribute.Folded(side);
        }

        return TemplateOrder.Sorted(new TemplateView("items", entries).Items, Key, call.Flag(2));
    }
}
