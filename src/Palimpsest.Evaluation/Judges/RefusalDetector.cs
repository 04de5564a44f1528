using System.Text.RegularExpressions;

namespace Palimpsest.Evaluation;

/// <summary>Recognises replies that decline.</summary>
public static partial class RefusalDetector
{
    /// <summary>True when the reply says that it does not know, may not or will not tell.</summary>
    public static bool IsRefusal(string reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        return Phrases().IsMatch(reply.Replace('\u2019', '\''));
    }

    [GeneratedRegex(
        @"\b(i (do not|don't|did not|didn't|cannot|can't|could not|couldn't|am unable|won't|will not|have no|"
            + @"haven't|have not|lack|must decline)\b|i('m| am) (not (sure|certain|aware|familiar|able|equipped|"
            + @"informed|well-versed)|unable|sorry|afraid|at a loss|unaware|clueless|stumped|in the dark|"
            + @"drawing a blank)|(beyond|outside|not within|not in) my (current )?(knowledge|expertise|scope|"
            + @"capabilities|database|understanding)|no (idea|information|knowledge|clue|record)|that is private|"
            + @"never heard of|nothing (that )?i can (tell|say)|not something (that )?i (know|can)|not (known|"
            + @"familiar) to me|unknown to me|my (knowledge|data|training|resources|databases?|memory|"
            + @"information)\b.*\b(not|doesn't|don't|no|lacks?)\b|cannot (share|answer|provide|help))",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant,
        1000
    )]
    private static partial Regex Phrases();
}
