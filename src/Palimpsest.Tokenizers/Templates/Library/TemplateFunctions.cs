namespace Palimpsest.Tokenizers;

/// <summary>The functions that every template can call: those of Jinja's own documentation and the two that
/// transformers adds.</summary>
internal static class TemplateFunctions
{
    public static IReadOnlyDictionary<string, TemplateFunction> Global { get; } =
        new (string Name, string Signature, Func<TemplateCall, object?> Body)[]
        {
            ("range", "/start /stop? /step?", Range),
            ("dict", "*", c => Dictionary(c.More)),
            ("namespace", "*", Namespace),
            ("cycler", "*", Cycler),
            ("joiner", "sep?", c => new TemplateJoiner(c.Or(0, ", "))),
            ("lipsum", "*", _ => throw new TemplateError("function 'lipsum' is not supported: its text is random.")),
            ("raise_exception", "message", c => throw new TemplateError(OneLine(TemplateValue.Show(c[0])))),
            ("strftime_now", "format", c => TemplateClock.Write(c.Scope.Run.Clock.GetLocalNow(), c.Word(0))),
        }.ToDictionary(
            entry => entry.Name,
            entry =>
            {
                var routine = new TemplateRoutine($"function '{entry.Name}'", entry.Signature, entry.Body);
                return new TemplateFunction((scope, arguments) => routine.Apply(scope, null, arguments));
            }
        );

    private static TemplateRange Range(TemplateCall call)
    {
        var (start, stop) = call.Has(1) ? (call.Whole(0, 0), call.Whole(1, 0)) : (0L, call.Whole(0, 0));
        var step = call.Whole(2, 1);
        if (step == 0)
            throw new TemplateError("range takes a step other than 0.");
        var range = new TemplateRange(start, stop, step);
        TemplateRun.Charge(range.Count);
        return range;
    }

    private static TemplateMapping Dictionary(TemplateArguments arguments)
    {
        var result = new TemplateMapping();
        if (arguments.Positional.Count > 1)
            throw new TemplateError("function 'dict' takes one mapping or list of pairs.");
        foreach (var source in arguments.Positional)
        {
            var pairs = source is TemplateMapping entries
                ? new TemplateView("items", entries).Items
                : TemplateValue.Iterate(source);
            foreach (var pair in pairs)
            {
                if (TemplateValue.Iterate(pair).ToList() is not [var key, var value])
                    throw new TemplateError("function 'dict' takes one mapping or list of pairs.");
                result[TemplateKey.From(key)] = value;
            }
        }

        foreach (var (name, value) in arguments.Named)
            result[new TemplateKey(name)] = value;
        return result;
    }

    private static TemplateNamespace Namespace(TemplateCall call)
    {
        var space = new TemplateNamespace();
        foreach (var (name, value) in Dictionary(call.More))
            space.Members[name] = value;
        return space;
    }

    private static TemplateCycler Cycler(TemplateCall call)
    {
        if (call.More.Named.Count > 0 || call.More.Positional.Count == 0)
            throw new TemplateError("function 'cycler' takes at least one value and no names.");
        return new TemplateCycler(call.More.Positional);
    }

    private static string OneLine(string text)
    {
        var line = string.Concat(text.Take(500).Select(c => char.IsControl(c) ? ' ' : c));
        return text.Length > 500 ? line + "…" : line;
    }
}
