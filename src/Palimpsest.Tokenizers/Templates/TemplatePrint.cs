using System.Globalization;

namespace Palimpsest.Tokenizers;

/// <summary>Values as Python prints them.</summary>
internal static class TemplatePrint
{
    /// <summary>Python's <c>repr</c>; of None, True and numbers also its <c>str</c>.</summary>
    public static string Represent(object? value) =>
        value switch
        {
            null => "None",
            bool flag => flag ? "True" : "False",
            long whole => whole.ToString(CultureInfo.InvariantCulture),
            double number => Number(number),
            string text => Quote(text),
            Undefined => "",
            TemplateTuple items => items.Count == 1
                ? $"({Represent(items[0])},)"
                : $"({Joined(items.Select(Represent))})",
            List<object?> items => $"[{Joined(items.Select(Represent))}]",
            Dictionary<string, object?> entries =>
                $"{{{Joined(entries.Select(e => $"{Quote(e.Key)}: {Represent(e.Value)}"))}}}",
            TemplateNamespace => "<Namespace>",
            _ => "<function>",
        };

    private static string Joined(IEnumerable<string> parts)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        var text = new System.Text.StringBuilder();
        foreach (var part in parts)
        {
            TemplateRun.Charge(part.Length + 2);
            text.Append(text.Length > 0 ? ", " : "").Append(part);
        }

        return text.ToString();
    }

    public static string Number(double number) =>
        number == Math.Floor(number) && Math.Abs(number) < 1e16 ? number.ToString("F1", CultureInfo.InvariantCulture)
        : double.IsNaN(number) ? "nan"
        : double.IsInfinity(number) ? (number > 0 ? "inf" : "-inf")
        : Math.Abs(number) == 1e16 ? (number > 0 ? "1e+16" : "-1e+16") // the one power that .NET writes out
        : number.ToString("R", CultureInfo.InvariantCulture).Replace("E", "e", StringComparison.Ordinal);

    private static string Quote(string text)
    {
        var quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal)
            .Replace("\t", "\\t", StringComparison.Ordinal)
            .Replace("\r", "\\r", StringComparison.Ordinal);
        return $"{quote}{(quote == '\'' ? escaped.Replace("'", "\\'", StringComparison.Ordinal) : escaped)}{quote}";
    }
}
