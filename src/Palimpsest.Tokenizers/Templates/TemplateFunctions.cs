using System.Globalization;
using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>The functions that every template can call.</summary>
internal static class TemplateFunctions
{
    public static IReadOnlyDictionary<string, TemplateFunction> Global { get; } =
        new Dictionary<string, TemplateFunction>
        {
            ["raise_exception"] = new(
                (_, arguments) =>
                    throw new InputException(
                        $"Chat template: {OneLine(TemplateValue.Show(arguments.Get(0, "message", "")))}"
                    )
            ),
            ["range"] = new((_, arguments) => Range([.. arguments.Positional.Select(TemplateValue.Whole)])),
            ["namespace"] = new((_, arguments) => Namespace(arguments)),
            ["dict"] = new((_, arguments) => arguments.Named.ToDictionary()),
            ["strftime_now"] = new(
                (scope, arguments) =>
                    Time(scope.Run.Clock.GetLocalNow(), TemplateValue.Show(arguments.Get(0, "format", "%Y-%m-%d")))
            ),
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

    private static string OneLine(string text)
    {
        var line = string.Concat(text.Take(500).Select(c => char.IsControl(c) ? ' ' : c));
        return text.Length > 500 ? line + "…" : line;
    }

    private static string Time(DateTimeOffset now, string format)
    {
        var text = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }

            var bare = format[i + 1] == '-' && i + 2 < format.Length;
            i += bare ? 2 : 1;
            var part = Part(now, format[i]);
            text.Append(bare && part.Length > 1 ? part.TrimStart('0') : part);
        }

        return text.ToString();
    }

    private static string Part(DateTimeOffset now, char code) =>
        code switch
        {
            'Y' => now.ToString("yyyy", CultureInfo.InvariantCulture),
            'y' => now.ToString("yy", CultureInfo.InvariantCulture),
            'm' => now.ToString("MM", CultureInfo.InvariantCulture),
            'd' => now.ToString("dd", CultureInfo.InvariantCulture),
            'H' => now.ToString("HH", CultureInfo.InvariantCulture),
            'I' => now.ToString("hh", CultureInfo.InvariantCulture),
            'M' => now.ToString("mm", CultureInfo.InvariantCulture),
            'S' => now.ToString("ss", CultureInfo.InvariantCulture),
            'p' => now.ToString("tt", CultureInfo.InvariantCulture),
            'B' => now.ToString("MMMM", CultureInfo.InvariantCulture),
            'b' => now.ToString("MMM", CultureInfo.InvariantCulture),
            'A' => now.ToString("dddd", CultureInfo.InvariantCulture),
            'a' => now.ToString("ddd", CultureInfo.InvariantCulture),
            'j' => now.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
            '%' => "%",
            _ => throw new InputException($"Chat template: strftime_now does not know %{code}."),
        };
}
