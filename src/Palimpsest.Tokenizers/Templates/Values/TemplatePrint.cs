using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>Values as Python prints them.</summary>
internal static class TemplatePrint
{
    private const int WorkOfItem = 16; // printing an item costs as much as copying so many characters

    /// <summary>Python's <c>repr</c>; of None, True and numbers also its <c>str</c>.</summary>
    public static string Represent(object? value)
    {
        switch (value)
        {
            case null:
                return "None";
            case bool flag:
                return flag ? "True" : "False";
            case long whole:
                return whole.ToString(CultureInfo.InvariantCulture);
            case double number:
                return TemplateDigits.Represent(number);
            case string text:
                return Quote(text);
            case TemplateMarkup markup:
                return $"Markup({Quote(markup.Text)})";
            case Undefined:
                return "Undefined";
            case TemplateTuple { Count: 1 } items:
                return $"({Represent(items[0])},)";
            case TemplateTuple items:
                return $"({Joined(items.Select(Represent))})";
            case List<object?> items:
                return $"[{Joined(items.Select(Represent))}]";
            case TemplateMapping entries:
                return $"{{{Joined(entries.Select(e => $"{Represent(e.Key.Value)}: {Represent(e.Value)}"))}}}";
            case TemplateRange range:
                return $"range({range.Start}, {range.Stop}{(range.Step == 1 ? "" : $", {range.Step}")})";
            case TemplateView view:
                return $"dict_{view.Name}([{Joined(view.Items.Select(Represent))}])";
            case TemplateObject target:
                RuntimeHelpers.EnsureSufficientExecutionStack();
                return target.Print();
            default:
                throw TemplateValue.Wrong("print", value);
        }
    }

    /// <summary>Python's <c>ascii</c>: its <c>repr</c> with every other character escaped.</summary>
    public static string Ascii(object? value)
    {
        var text = new StringBuilder();
        foreach (var rune in Represent(value).EnumerateRunes())
            text.Append(rune.IsAscii ? rune.ToString() : Escape(rune));
        return text.ToString();
    }

    private static string Joined(IEnumerable<string> parts)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            TemplateRun.Charge(part.Length + WorkOfItem);
            text.Append(text.Length > 0 ? ", " : "").Append(part);
        }

        return text.ToString();
    }

    private static string Quote(string text)
    {
        TemplateRun.Charge(text.Length);
        var quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        var quoted = new StringBuilder().Append(quote);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value == quote || rune.Value == '\\')
                quoted.Append('\\').Append((char)rune.Value);
            else if (TemplateCharacter.IsPrintable(rune))
                quoted.Append(rune.ToString());
            else
                quoted.Append(Escape(rune));
        }

        return quoted.Append(quote).ToString();
    }

    private static string Escape(Rune rune) =>
        rune.Value switch
        {
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            <= 0xFF => $"\\x{rune.Value:x2}",
            <= 0xFFFF => $"\\u{rune.Value:x4}",
            _ => $"\\U{rune.Value:x8}",
        };
}
