namespace Palimpsest.Tokenizers;

/// <summary>The methods of texts and mappings that templates call; nothing that changes a value is among
/// them.</summary>
internal static class TemplateMethods
{
    public static TemplateFunction? Find(object? target, string name) =>
        target switch
        {
            string text => OfText(text, name) is { } call ? new((_, arguments) => call(arguments)) : null,
            Dictionary<string, object?> entries => OfMapping(entries, name) is { } call
                ? new((_, arguments) => call(arguments))
                : null,
            List<object?> items when name == "count" => new(
                (_, a) => (long)items.Count(i => TemplateValue.AreEqual(i, a.Get(0, "value")))
            ),
            List<object?> items when name == "index" => new(
                (_, a) =>
                    items.FindIndex(i => TemplateValue.AreEqual(i, a.Get(0, "value"))) is >= 0 and var at
                        ? (long)at
                        : throw new InputException("Chat template: the list does not have the value.")
            ),
            _ => null,
        };

    public static string Title(string text)
    {
        var characters = text.ToLowerInvariant().ToCharArray();
        for (var i = 0; i < characters.Length; i++)
        {
            if (i == 0 || !char.IsLetter(characters[i - 1]))
                characters[i] = char.ToUpperInvariant(characters[i]);
        }

        return new(characters);
    }

    public static string Capitalize(string text) =>
        text.Length == 0 ? "" : char.ToUpperInvariant(text[0]) + text[1..].ToLowerInvariant();

    public static string Strip(string text, object? characters, bool start = true, bool end = true)
    {
        var set = characters is string chosen ? chosen.ToCharArray() : null;
        if (start)
            text = set is null ? text.TrimStart() : text.TrimStart(set);
        return end
            ? set is null
                ? text.TrimEnd()
                : text.TrimEnd(set)
            : text;
    }

    public static string Replace(string text, string old, string replacement, long most)
    {
        if (old.Length == 0)
            return text;
        if (replacement.Length > old.Length)
            TemplateRun.CheckLength((long)text.Length / old.Length * replacement.Length);
        if (most < 0)
            return text.Replace(old, replacement, StringComparison.Ordinal);
        var parts = text.Split(old, (int)Math.Min(most, text.Length) + 1);
        return string.Join(replacement, parts);
    }

    /// <summary>Texts with a separator between.</summary>
    public static string Join(string separator, IEnumerable<object?> items)
    {
        var parts = items.Select(TemplateValue.Show).ToList();
        TemplateRun.CheckLength(
            parts.Sum(part => (long)part.Length) + ((long)separator.Length * Math.Max(0, parts.Count - 1))
        );
        return string.Join(separator, parts);
    }

    private static Func<TemplateArguments, object?>? OfText(string text, string name) =>
        name switch
        {
            "strip" => a => Strip(text, a.Get(0, "chars")),
            "lstrip" => a => Strip(text, a.Get(0, "chars"), end: false),
            "rstrip" => a => Strip(text, a.Get(0, "chars"), start: false),
            "upper" => _ => text.ToUpperInvariant(),
            "lower" => _ => text.ToLowerInvariant(),
            "title" => _ => Title(text),
            "capitalize" => _ => Capitalize(text),
            "startswith" => a => Any(a.Get(0, "prefix"), p => text.StartsWith(p, StringComparison.Ordinal)),
            "endswith" => a => Any(a.Get(0, "suffix"), s => text.EndsWith(s, StringComparison.Ordinal)),
            "split" => a => Split(text, a, fromEnd: false),
            "rsplit" => a => Split(text, a, fromEnd: true),
            "splitlines" => _ => text.Split('\n').Select(line => (object?)line.TrimEnd('\r')).ToList(),
            "replace" => a => Replace(text, Text(a, 0), Text(a, 1), TemplateValue.Whole(a.Get(2, "count", -1L))),
            "removeprefix" => a =>
                Text(a, 0) is { Length: > 0 } part && text.StartsWith(part, StringComparison.Ordinal)
                    ? text[part.Length..]
                    : text,
            "removesuffix" => a =>
                Text(a, 0) is { Length: > 0 } part && text.EndsWith(part, StringComparison.Ordinal)
                    ? text[..^part.Length]
                    : text,
            "format" => a => TemplateFormat.Braces(text, a),
            "find" => a => (long)text.IndexOf(Text(a, 0), StringComparison.Ordinal),
            "count" => a => Text(a, 0) is { Length: > 0 } part ? (long)text.Split(part).Length - 1 : text.Length + 1L,
            "join" => a => Join(text, TemplateValue.Iterate(a.Get(0, "items"))),
            "isdigit" => _ => text.Length > 0 && text.All(char.IsDigit),
            "isalpha" => _ => text.Length > 0 && text.All(char.IsLetter),
            "isspace" => _ => text.Length > 0 && text.All(char.IsWhiteSpace),
            _ => null,
        };

    private static Func<TemplateArguments, object?>? OfMapping(Dictionary<string, object?> entries, string name) =>
        name switch
        {
            "items" => _ => entries.Select(e => (object?)new TemplateTuple { e.Key, e.Value }).ToList(),
            "keys" => _ => entries.Keys.Select(k => (object?)k).ToList(),
            "values" => _ => entries.Values.ToList(),
            "get" => a => entries.TryGetValue(Text(a, 0), out var value) ? value : a.Get(1, "default"),
            _ => null,
        };

    private static string Text(TemplateArguments arguments, int index) =>
        arguments.Get(index, "") as string
        ?? throw new InputException("Chat template: a method lacks a text argument.");

    private static bool Any(object? prefixes, Func<string, bool> holds) =>
        prefixes is string one ? holds(one) : TemplateValue.Iterate(prefixes).OfType<string>().Any(holds);

    private static List<object?> Split(string text, TemplateArguments arguments, bool fromEnd)
    {
        var most = (int)Math.Clamp(TemplateValue.Whole(arguments.Get(1, "maxsplit", -1L)), -1, text.Length);
        if (arguments.Get(0, "sep") is not string separator || separator.Length == 0)
            return most < 0
                ? [.. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)]
                : throw new InputException("Chat template: split takes maxsplit only with a separator.");
        if (most < 0)
            return [.. text.Split(separator)];
        if (!fromEnd)
            return [.. text.Split(separator, most + 1)];
        var parts = text.Split(separator);
        var kept = Math.Max(1, parts.Length - most);
        return [string.Join(separator, parts.Take(kept)), .. parts.Skip(kept)];
    }
}
