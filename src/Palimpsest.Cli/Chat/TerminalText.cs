namespace Palimpsest.Cli.Chat;

/// <summary>Text of a model as a terminal may see it.</summary>
internal static class TerminalText
{
    /// <summary>Control characters but line breaks and tabs become visible marks, so that no model can steer the
    /// terminal.</summary>
    public static string Printable(string text) =>
        text.Any(IsUnsafe)
            ? string.Create(
                text.Length,
                text,
                static (span, source) =>
                {
                    for (var i = 0; i < span.Length; i++)
                        span[i] = IsUnsafe(source[i]) ? '\uFFFD' : source[i];
                }
            )
            : text;

    private static bool IsUnsafe(char character) => char.IsControl(character) && character is not ('\n' or '\t');
}
