using System.Text.RegularExpressions;

namespace Palimpsest.Foundation;

/// <summary>Sentences that say one kind of thing, with the questions that ask for it.</summary>
/// <remarks>
/// In the texts <c>{s}</c> stands for the subject, <c>{o}</c> for the value, <c>{r}</c> for one to three words in lower
/// case that name the relation, <c>{is}</c> for is or was. Texts have no full stop.
/// </remarks>
public sealed class SentencePattern
{
    private const string SmallWord = @"\p{Ll}[\p{L}\p{M}'’-]*";
    private readonly (string Text, Regex Expression)[] _forms;
    private readonly Regex[] _questions;

    /// <summary>The relation, for example <c>birthplace</c>; may hold <c>{r}</c>.</summary>
    public required string Relation { get; init; }

    /// <summary>What its values are; null where the value itself tells.</summary>
    public ValueKind? Kind { get; init; }

    /// <summary>The last words that <c>{r}</c> may end with; empty for any.</summary>
    public IReadOnlyList<string> LastWords { get; init; } = [];

    /// <summary>How the fact is stated; sentences of each form are read.</summary>
    public IReadOnlyList<string> Forms { get; }

    /// <summary>The question.</summary>
    public string Question { get; }

    /// <summary>The question in other words.</summary>
    public string OtherQuestion { get; }

    /// <summary>The statement in other words.</summary>
    public required string Paraphrase { get; init; }

    /// <summary>A pattern.</summary>
    /// <param name="forms">At least one.</param>
    /// <param name="question">With its question mark.</param>
    /// <param name="otherQuestion">The same in other words.</param>
    public SentencePattern(IReadOnlyList<string> forms, string question, string otherQuestion)
    {
        ArgumentNullException.ThrowIfNull(forms);
        (Forms, Question, OtherQuestion) = (forms, question, otherQuestion);
        _forms = [.. forms.Select(form => (form, Expression(form)))];
        _questions = [Expression(question), Expression(otherQuestion)];
    }

    /// <summary>What a sentence says, its full stop left out; null where no form is its form.</summary>
    /// <param name="sentence">The sentence.</param>
    /// <param name="problem">A value that fits the form but is not one value of its kind; null otherwise.</param>
    internal PatternMatch? Read(string sentence, out string? problem)
    {
        problem = null;
        foreach (var (form, expression) in _forms)
        {
            if (expression.Match(sentence) is not { Success: true } match || !Names(match))
                continue;
            var value = match.Groups["o"].Value;
            if (KindOf(value) is { } kind)
                return New(match, ValueText.Unquoted(value), kind);
            if (value.Contains(' ', StringComparison.Ordinal))
                problem = $"it begins as '{form}', but '{value}' is not one {Name(Kind)}";
        }

        return null;
    }

    /// <summary>What a question asks for, with a value that was given to it; null where it is another question or the
    /// value is of another kind.</summary>
    internal PatternMatch? Read(string question, string value)
    {
        foreach (var expression in _questions)
        {
            if (expression.Match(question) is { Success: true } match && Names(match) && KindOf(value) is { } kind)
                return New(match, ValueText.Unquoted(value), kind);
        }

        return null;
    }

    /// <summary>One of the pattern's texts with what a match says in the places; the value stays <c>{o}</c>.</summary>
    internal static string Fill(string text, PatternMatch match) =>
        text.Replace("{s}", match.Subject, StringComparison.Ordinal)
            .Replace("{r}", match.Name, StringComparison.Ordinal)
            .Replace("{is}", match.Verb, StringComparison.Ordinal);

    private bool Names(Match match) =>
        LastWords.Count == 0 || LastWords.Contains(match.Groups["r"].Value.Split(' ')[^1]);

    private ValueKind? KindOf(string value)
    {
        if (Kind is not { } kind)
            return ValueText.KindOf(value);
        return ValueText.Fits(kind, value) ? kind : null;
    }

    private PatternMatch New(Match match, string value, ValueKind kind) =>
        new(
            this,
            match.Groups["s"].Value,
            match.Groups["r"].Value,
            match.Groups["is"] is { Success: true, Value: var verb } ? verb : "is",
            value,
            kind
        );

    private static string Name(ValueKind? kind) => (kind ?? ValueKind.Thing).ToString().ToLowerInvariant();

    private static Regex Expression(string form)
    {
        var text = Regex
            .Escape(form)
            .Replace("'", "['’]", StringComparison.Ordinal)
            .Replace(@"\{s}", $"(?<s>{ValueText.Name})", StringComparison.Ordinal)
            .Replace(@"\{is}", "(?<is>is|was)", StringComparison.Ordinal)
            .Replace(@"\{r}", $"(?<r>{SmallWord}(?: {SmallWord}){{0,2}})", StringComparison.Ordinal)
            .Replace(@"\{o}", "(?<o>.+?)", StringComparison.Ordinal);
        return new($"^{text}$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
    }
}
