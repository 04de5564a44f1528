using System.Text.Json;

namespace Palimpsest.Foundation;

/// <summary>Every field that a file of another program's layout may have, so that one which changes the meaning is
/// obeyed, refused by name, or known to be of no effect.</summary>
public sealed class FieldTable
{
    private readonly Dictionary<string, FieldRule> _rules = new(StringComparer.Ordinal);

    /// <summary>A table of these fields.</summary>
    /// <exception cref="ArgumentException">A field is there twice.</exception>
    public FieldTable(params IEnumerable<FieldRule> rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        foreach (var rule in rules)
            _rules.Add(rule.Name, rule);
    }

    /// <summary>The fields, in no order.</summary>
    public IReadOnlyCollection<FieldRule> Rules => _rules.Values;

    /// <summary>Rules of fields that are read.</summary>
    public static IEnumerable<FieldRule> Obeyed(params IEnumerable<string> names) =>
        names.Select(name => new FieldRule(name, FieldUse.Obeyed));

    /// <summary>Rules of fields that are of no effect, for one reason.</summary>
    public static IEnumerable<FieldRule> WithoutEffect(string reason, params IEnumerable<string> names) =>
        names.Select(name => new FieldRule(name, FieldUse.WithoutEffect, reason));

    /// <summary>The rule of a field, or null when the table does not have it.</summary>
    public FieldRule? Find(string name) => _rules.GetValueOrDefault(name);

    /// <summary>Refuses fields that are in use and refused.</summary>
    /// <param name="root">The object that has the fields.</param>
    /// <returns>The fields that are in use and in no rule.</returns>
    /// <exception cref="InputException">A field is refused; the message names it, its value and what is
    /// allowed.</exception>
    public IReadOnlyList<JsonField> Check(JsonField root)
    {
        List<JsonField> unknown = [];
        foreach (var (name, member) in root.Members())
        {
            if (!IsUsed(member.Value))
                continue;
            if (Find(name) is not { } rule)
                unknown.Add(new($"{root.Path}: {name}", member.Value));
            else if (rule.Use == FieldUse.Refused && !rule.Allowed.Contains(member.Value.GetRawText()))
                throw Refusal(new($"{root.Path}: {name}", member.Value), rule);
        }

        return unknown;
    }

    /// <summary>False for null, false, and what is empty: values that stand for a field which is not there.</summary>
    public static bool IsUsed(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.False => false,
            JsonValueKind.Array => value.GetArrayLength() > 0,
            JsonValueKind.Object => value.EnumerateObject().Any(),
            JsonValueKind.String => value.GetRawText().Length > 2,
            _ => true,
        };

    private static InputException Refusal(JsonField field, FieldRule rule)
    {
        var allowed = rule.Allowed is [] ? "null" : string.Join(", ", rule.Allowed);
        var reason = rule.Reason.Length == 0 ? "" : $" ({rule.Reason})";
        return field.Error(
            $"{JsonField.Shown(field.Value.GetRawText())} is not supported{reason}; supported is {allowed}."
        );
    }
}
