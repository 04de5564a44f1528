using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Palimpsest.Inference;

/// <summary>JSON as short as it can be written, characters beyond ASCII as they are.</summary>
internal static class JsonText
{
    /// <summary>A value on one line without blanks; numbers as they were written.</summary>
    public static string Of(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => $"\"{Escaped(value.GetString()!)}\"",
            JsonValueKind.Array => $"[{string.Join(',', value.EnumerateArray().Select(Of))}]",
            JsonValueKind.Object =>
                $"{{{string.Join(',', value.EnumerateObject().Select(p => $"\"{Escaped(p.Name)}\":{Of(p.Value)}"))}}}",
            _ => value.GetRawText(),
        };

    /// <summary>A text as it stands between quotes.</summary>
    public static string Escaped(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            if (character is '"' or '\\')
                escaped.Append('\\').Append(character);
            else if (character < ' ')
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            else
                escaped.Append(character);
        }

        return escaped.ToString();
    }
}
