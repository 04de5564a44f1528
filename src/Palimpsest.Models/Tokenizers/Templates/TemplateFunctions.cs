using System.Globalization;

namespace Palimpsest.Models;

/// <summary>The functions that every template can call.</summary>
internal static class TemplateFunctions
{
    public static IReadOnlyDictionary<string, TemplateFunction> Global { get; } = new Dictionary<string, TemplateFunction>
    {
        ["raise_exception"] = new((_, arguments) =>
            throw new InputException($"Chat template: {TemplateValue.Show(arguments.Get(0, "message", ""))}")),
        ["range"] = new((_, arguments) => Range([.. arguments.Positional.Select(TemplateValue.Whole)])),
        ["namespace"] = new((_, arguments) => Namespace(arguments)),
        ["dict"] = new((_, arguments) => arguments.Named.ToDictionary()),
        ["strftime_now"] = new((_, arguments) => Time(TemplateValue.Show(arguments.Get(0, "format", "%Y-%m-%d")))),
    };

    private static List<object?> Range(long[] bounds)
    {
        var (start, stop, step) = bounds switch
        {
            [var only] => (0, only, 1),
            [var from, var to] => (from, to, 1),
            [var from, var to, var by] when by != 0 => (from, to, by),
            _ => throw new InputException("Chat template: range takes one to three whole numbers, the step not 0."),
        };
        var items = new List<object?>();
        for (var i = start; step > 0 ? i < stop : i > stop; i += step)
        {
            if (items.Count >= ChatTemplate.MostSteps)
                throw new InputException($"Chat template: a range has more than {ChatTemplate.MostSteps} numbers.");
            items.Add(i);
        }

        return items;
    }

    private static TemplateNamespace Namespace(TemplateArguments arguments)
    {
        var space = new TemplateNamespace();
        if (arguments.Positional is [Dictionary<string, object?> entries])
        {
            foreach (var (name, value) in entries)
                space.Members[name] = value;
        }

        foreach (var (name, value) in arguments.Named)
            space.Members[name] = value;
        return space;
    }

    private static string Time(string format)
    {
        var now = TimeProvider.System.GetLocalNow();
        var result = format;
        foreach (var (code, pattern) in new[]
        {
            ("%Y", "yyyy"), ("%m", "MM"), ("%d", "dd"), ("%H", "HH"), ("%M", "mm"), ("%S", "ss"), ("%B", "MMMM"), ("%b", "MMM"),
            ("%A", "dddd"), ("%a", "ddd"), ("%y", "yy"), ("%I", "hh"), ("%p", "tt"),
        })
            result = result.Replace(code, now.ToString(pattern, CultureInfo.InvariantCulture), StringComparison.Ordinal);
        return result;
    }
}
