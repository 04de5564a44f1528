namespace Palimpsest.Tokenizers;

/// <summary>The methods of texts, lists, mappings and numbers; nothing that changes a value is among them.</summary>
internal static class TemplateMethods
{
    private static readonly Dictionary<string, TemplateRoutine> Texts = Named("a text", TemplateTextMethods.All);
    private static readonly Dictionary<string, TemplateRoutine> Lists = Named("a list", OfLists());
    private static readonly Dictionary<string, TemplateRoutine> Mappings = Named("a mapping", OfMappings());
    private static readonly Dictionary<string, TemplateRoutine> Whole = Named("a whole number", OfWhole());
    private static readonly Dictionary<string, TemplateRoutine> Real = Named("a number", OfReal());

    /// <summary>Methods that Python has and that are refused by name.</summary>
    private static readonly Dictionary<string, string[]> Refused = new()
    {
        ["a text"] = ["encode", "maketrans", "translate"],
        ["a mapping"] = ["fromkeys"],
        ["a mapping's view"] = ["isdisjoint", "mapping"],
        ["a whole number"] = ["as_integer_ratio", "from_bytes", "to_bytes"],
        ["a number"] = ["as_integer_ratio", "fromhex", "hex"],
        ["a generator"] = ["send", "throw", "close", "gi_code", "gi_frame", "gi_running"],
    };

    /// <summary>A method bound to its value, or null if values of that kind have none of that name.</summary>
    public static TemplateFunction? Find(object? target, string name)
    {
        var (kind, methods) = target switch
        {
            string or TemplateMarkup => ("a text", Texts),
            List<object?> or TemplateRange => ("a list", Lists),
            TemplateMapping => ("a mapping", Mappings),
            TemplateView => ("a mapping's view", []),
            TemplateGenerator => ("a generator", []),
            long or bool => ("a whole number", Whole),
            double => ("a number", Real),
            _ => ("", new Dictionary<string, TemplateRoutine>()),
        };
        if (name == "copy" && target is TemplateTuple or TemplateRange)
            return null;
        if (Refused.TryGetValue(kind, out var refused) && refused.Contains(name))
            throw new TemplateError($"method '{name}' of {kind} is not supported.");
        if (!methods.TryGetValue(name, out var method))
            return null;
        return target is TemplateMarkup
            ? new TemplateFunction((scope, arguments) => OnMarkup(method, name, scope, target, arguments))
            : new TemplateFunction((scope, arguments) => method.Apply(scope, target, arguments));
    }

    /// <summary>A text's method on an escaped text: what comes out is escaped too.</summary>
    private static object? OnMarkup(
        TemplateRoutine method,
        string name,
        TemplateScope scope,
        object target,
        TemplateArguments arguments
    )
    {
        if (name == "format")
            return method.Apply(scope, target, arguments);
        if (arguments.Positional.Count + arguments.Named.Count > 0)
            throw new TemplateError($"method '{name}' of an escaped text is supported without arguments only.");
        return method.Apply(scope, target, arguments) switch
        {
            string text => new TemplateMarkup(text),
            List<object?> parts => parts.Select(part => (object?)new TemplateMarkup(TemplateValue.Show(part))).ToList(),
            var other => other,
        };
    }

    private static Dictionary<string, TemplateRoutine> Named(
        string kind,
        IEnumerable<(string Name, string Signature, Func<TemplateCall, object?> Body)> entries
    ) =>
        entries.ToDictionary(
            entry => entry.Name,
            entry => new TemplateRoutine($"method '{entry.Name}' of {kind}", entry.Signature, entry.Body)
        );

    private static IEnumerable<(string, string, Func<TemplateCall, object?>)> OfLists() =>
        [
            ("count", "/value", c => (long)TemplateValue.Iterate(c.Target).Count(i => TemplateOrder.AreEqual(i, c[0]))),
            ("index", "/value /start? /stop?", c => IndexOf(c)),
            ("copy", "", c => TemplateValue.Iterate(c.Target).ToList()),
        ];

    private static long IndexOf(TemplateCall call)
    {
        var items = TemplateValue.Iterate(call.Target).ToList();
        long Place(int argument, long absent)
        {
            var at = call.Whole(argument, absent);
            return Math.Clamp(at < 0 ? at + items.Count : at, 0, items.Count);
        }

        var (start, stop) = (Place(1, 0), Place(2, items.Count));
        for (var i = start; i < stop; i++)
        {
            if (TemplateOrder.AreEqual(items[(int)i], call[0]))
                return i;
        }

        throw new TemplateError("the list does not have the value.");
    }

    private static IEnumerable<(string, string, Func<TemplateCall, object?>)> OfMappings() =>
        [
            ("keys", "", c => new TemplateView("keys", (TemplateMapping)c.Target!)),
            ("values", "", c => new TemplateView("values", (TemplateMapping)c.Target!)),
            ("items", "", c => new TemplateView("items", (TemplateMapping)c.Target!)),
            (
                "get",
                "/key /default?",
                c => ((TemplateMapping)c.Target!).TryGetValue(TemplateKey.From(c[0]), out var value) ? value : c[1]
            ),
            (
                "copy",
                "",
                c =>
                {
                    var copy = new TemplateMapping();
                    foreach (var (key, value) in (TemplateMapping)c.Target!)
                        copy[key] = value;
                    return copy;
                }
            ),
        ];

    private static IEnumerable<(string, string, Func<TemplateCall, object?>)> OfWhole() =>
        [
            ("bit_length", "", c => 64L - (long)ulong.LeadingZeroCount(Magnitude(c.Target))),
            ("bit_count", "", c => (long)ulong.PopCount(Magnitude(c.Target))),
            ("conjugate", "", c => TemplateValue.Whole(c.Target)),
        ];

    private static ulong Magnitude(object? value) => (ulong)Int128.Abs(TemplateValue.Whole(value));

    private static IEnumerable<(string, string, Func<TemplateCall, object?>)> OfReal() =>
        [
            (
                "is_integer",
                "",
                c => c.Target is double number && number == Math.Floor(number) && double.IsFinite(number)
            ),
            ("conjugate", "", c => c.Target),
        ];
}
