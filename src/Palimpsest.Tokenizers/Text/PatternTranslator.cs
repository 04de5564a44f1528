using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>Rewrites what published patterns use and .NET spells otherwise: possessive quantifiers and the script
/// Han.</summary>
internal static class PatternTranslator
{
    private const string Han =
        @"\u2E80-\u2FD5\u3005\u3007\u3021-\u3029\u3038-\u303B\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF";

    /// <summary>The same pattern for .NET.</summary>
    public static string Translate(string pattern)
    {
        var output = new StringBuilder(pattern.Length);
        var groups = new Stack<int>();
        var atom = -1;
        for (var i = 0; i < pattern.Length; )
        {
            var character = pattern[i];
            if (character is '*' or '+' or '?' or '{' && atom >= 0)
            {
                i = Quantify(pattern, i, output, atom);
                continue;
            }

            var start = output.Length;
            switch (character)
            {
                case '(':
                    groups.Push(start);
                    i = CopyGroupStart(pattern, i, output);
                    atom = -1;
                    continue;
                case ')':
                    atom = groups.Count > 0 ? groups.Pop() : start;
                    output.Append(')');
                    i++;
                    continue;
                case '|':
                    atom = -1;
                    output.Append('|');
                    i++;
                    continue;
                case '[':
                    i = CopyClass(pattern, i, output);
                    break;
                case '\\':
                    i = CopyEscape(pattern, i, output, inClass: false);
                    break;
                default:
                    output.Append(character);
                    i++;
                    break;
            }

            atom = start;
        }

        return output.ToString();
    }

    private static int Quantify(string pattern, int i, StringBuilder output, int atom)
    {
        var end = i + 1;
        if (pattern[i] == '{')
        {
            end = pattern.IndexOf('}', i) + 1;
            if (end == 0)
                end = i + 1;
        }

        output.Append(pattern, i, end - i);
        if (end < pattern.Length && pattern[end] == '?')
        {
            output.Append('?');
            return end + 1;
        }

        if (end >= pattern.Length || pattern[end] != '+')
            return end;
        output.Insert(atom, pattern[i] == '{' ? "(?:" : "(?>").Append(pattern[i] == '{' ? ")+" : ")");
        return end + 1;
    }

    private static int CopyGroupStart(string pattern, int i, StringBuilder output)
    {
        var end = i + 1;
        if (end < pattern.Length && pattern[end] == '?')
        {
            while (end < pattern.Length && pattern[end] is not (':' or '=' or '!' or '>' or ')'))
                end++;
            if (end < pattern.Length && pattern[end] != ')')
                end++;
        }

        output.Append(pattern, i, end - i);
        return end;
    }

    private static int CopyClass(string pattern, int i, StringBuilder output)
    {
        output.Append(pattern[i++]);
        for (var first = true; i < pattern.Length; first = false)
        {
            if (pattern[i] == '\\')
            {
                i = CopyEscape(pattern, i, output, inClass: true);
                continue;
            }

            var character = pattern[i++];
            output.Append(character);
            if (character == '^' && first && i < pattern.Length && pattern[i] == ']')
                output.Append(pattern[i++]);
            if (character == ']' && !first)
                break;
        }

        return i;
    }

    private static int CopyEscape(string pattern, int i, StringBuilder output, bool inClass)
    {
        if (i + 2 < pattern.Length && pattern[i + 1] is 'p' or 'P' && pattern[i + 2] == '{')
        {
            var end = pattern.IndexOf('}', i);
            if (end > 0)
            {
                if (pattern[(i + 3)..end] is "Han" or "Script=Han" && (pattern[i + 1] == 'p' || !inClass))
                    output.Append(HanOf(isNegated: pattern[i + 1] == 'P', inClass));
                else
                    output.Append(pattern, i, end + 1 - i);
                return end + 1;
            }
        }

        var length = Math.Min(2, pattern.Length - i);
        output.Append(pattern, i, length);
        return i + length;
    }

    private static string HanOf(bool isNegated, bool inClass)
    {
        if (inClass)
            return Han;
        return isNegated ? $"[^{Han}]" : $"[{Han}]";
    }
}
