using System.Globalization;
using System.Text;

namespace Palimpsest.Evaluation;

/// <summary>Text reduced to what a comparison of answers should see: case, accents and punctuation are folded
/// away.</summary>
/// <remarks>A possessive 's is dropped, other apostrophes join (don't → dont), all else that is no letter or digit
/// separates.</remarks>
public static class FoldedText
{
    /// <summary>The folded words of a text, in order.</summary>
    public static IReadOnlyList<string> Words(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var words = new List<string>();
        var word = new StringBuilder();
        var decomposed = CompatibilityForm.Decompose(text);
        for (var i = 0; i < decomposed.Length; i++)
        {
            var character = decomposed[i];
            if (char.IsLetterOrDigit(character))
                Append(word, char.ToLowerInvariant(character));
            else if (character is '\'' or '\u2019' or '\u02BC')
                i += IsPossessive(decomposed, i) ? 1 : 0;
            else if (
                char.GetUnicodeCategory(character)
                is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark)
            )
                Finish();
        }

        Finish();
        return words;

        void Finish()
        {
            if (word.Length > 0)
                words.Add(word.ToString());
            word.Clear();
        }
    }

    /// <summary>The folded words joined by single spaces.</summary>
    public static string Of(string text) => string.Join(' ', Words(text));

    /// <summary>Where <paramref name="part"/> first stands in <paramref name="whole"/> without a gap; −1 if nowhere or
    /// empty.</summary>
    public static int IndexOf(IReadOnlyList<string> whole, IReadOnlyList<string> part)
    {
        for (var start = 0; part.Count > 0 && start + part.Count <= whole.Count; start++)
        {
            var same = 0;
            while (same < part.Count && whole[start + same] == part[same])
                same++;
            if (same == part.Count)
                return start;
        }

        return -1;
    }

    private static bool IsPossessive(string text, int apostrophe) =>
        apostrophe + 1 < text.Length
        && text[apostrophe + 1] is 's' or 'S'
        && (apostrophe + 2 == text.Length || !char.IsLetterOrDigit(text[apostrophe + 2]));

    // Letters that Unicode does not decompose but that people write without their stroke.
    private static void Append(StringBuilder word, char letter) =>
        _ = letter switch
        {
            'ø' => word.Append('o'),
            'ł' => word.Append('l'),
            'đ' or 'ð' => word.Append('d'),
            'ı' => word.Append('i'),
            'ß' => word.Append("ss"),
            'æ' => word.Append("ae"),
            'œ' => word.Append("oe"),
            'þ' => word.Append("th"),
            _ => word.Append(letter),
        };
}
