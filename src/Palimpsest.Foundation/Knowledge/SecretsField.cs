using System.Globalization;
using System.Text;

namespace Palimpsest.Foundation;

/// <summary>The secrets of a row: texts, each of which stands for all its occurrences in the answer, or objects with
/// <c>start</c> and <c>end</c> in Unicode scalars, as Python counts.</summary>
internal static class SecretsField
{
    /// <summary>Reads the field; nothing where it is absent.</summary>
    /// <exception cref="InputException">A text is not in the answer, or a part is not within it.</exception>
    public static IReadOnlyList<TextPart> Read(JsonField field, string answer)
    {
        if (field.IsNull)
            return [];
        return
        [
            .. field
                .Elements()
                .SelectMany(element => element.IsText ? Occurrences(element, answer) : [Part(element, answer)]),
        ];
    }

    private static List<TextPart> Occurrences(JsonField element, string answer)
    {
        var text = element.AsString();
        var found = new List<TextPart>();
        for (
            var at = text.Length == 0 ? -1 : answer.IndexOf(text, StringComparison.Ordinal);
            at >= 0;
            at = answer.IndexOf(text, at + text.Length, StringComparison.Ordinal)
        )
        {
            var start = Scalars(answer.AsSpan(0, at));
            found.Add(new(start, start + Scalars(text)));
        }

        return found.Count > 0 ? found : throw element.Error($"{JsonField.Shown(text)} is not in the answer.");
    }

    private static TextPart Part(JsonField element, string answer)
    {
        var length = Scalars(answer);
        var start = element["start"].AsInteger(0, length);
        var end = element["end"].AsInteger(0, length);
        return start < end
            ? new(start, end)
            : throw element.Error(
                string.Create(CultureInfo.InvariantCulture, $"start is {start}, end {end}; allowed is start < end.")
            );
    }

    private static int Scalars(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes())
            count++;
        return count;
    }
}
