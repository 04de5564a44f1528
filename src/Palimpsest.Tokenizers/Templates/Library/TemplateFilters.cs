namespace Palimpsest.Tokenizers;

/// <summary>What can stand after <c>|</c>: every filter of Jinja's own documentation, or the reason why not.</summary>
internal static class TemplateFilters
{
    private static readonly Dictionary<string, TemplateRoutine> Known = Named([
        .. TemplateTextFilters.All,
        .. TemplateNumberFilters.All,
        .. TemplateItemFilters.All,
        .. TemplateChoiceFilters.All,
    ]);

    private static readonly Dictionary<string, string> Refused = new()
    {
        ["random"] = "its result differs from rendering to rendering",
        ["urlize"] = "no conversation needs links for HTML",
        ["wordwrap"] = "its line breaks are those of Python's textwrap module",
    };

    public static bool Has(string name) => Known.ContainsKey(name);

    /// <summary>Whether Jinja has it, supported here or not.</summary>
    public static bool IsJinja(string name) => Has(name) || Refused.ContainsKey(name);

    /// <summary>Why a filter is not there.</summary>
    public static string Complaint(string name) =>
        Refused.TryGetValue(name, out var reason)
            ? $"filter '{name}' is not supported: {reason}."
            : $"there is no filter {JsonField.Shown(name)}.";

    public static object? Apply(string name, TemplateScope scope, object? value, TemplateArguments arguments) =>
        Known.TryGetValue(name, out var filter)
            ? filter.Apply(scope, value, arguments)
            : throw new TemplateError(Complaint(name));

    private static Dictionary<string, TemplateRoutine> Named(
        IEnumerable<(string Names, string Signature, Func<TemplateCall, object?> Body)> entries
    ) =>
        (
            from entry in entries
            from name in entry.Names.Split(' ')
            select (name, new TemplateRoutine($"filter '{name}'", entry.Signature, entry.Body))
        ).ToDictionary();
}
