using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>Texts for HTML and addresses.</summary>
internal static class TemplateHtml
{
    /// <summary>With the five characters that HTML gives a meaning written out.</summary>
    public static string Escape(string text)
    {
        TemplateRun.CheckLength(text.Length + (4L * text.Count(c => c is '&' or '<' or '>' or '"' or '\'')));
        return text.Replace("&", "&amp;", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal)
            .Replace("\"", "&#34;", StringComparison.Ordinal)
            .Replace("'", "&#39;", StringComparison.Ordinal);
    }

    /// <summary>A value as an escaped text; what is one stays as it is.</summary>
    public static TemplateMarkup Escaped(object? value) =>
        value as TemplateMarkup ?? new TemplateMarkup(Escape(TemplateValue.Show(value)));

    /// <summary>A value's bytes with those escaped that an address cannot hold.</summary>
    public static string Quote(object? value, bool forQuery)
    {
        var text = new StringBuilder();
        foreach (var unit in Encoding.UTF8.GetBytes(TemplateValue.Show(value)))
        {
            var c = (char)unit;
            if (char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-' or '~' || (c == '/' && !forQuery))
                text.Append(c);
            else if (c == ' ' && forQuery)
                text.Append('+');
            else
                text.Append('%').Append(unit.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }

        TemplateRun.CheckLength(text.Length);
        return text.ToString();
    }
}
