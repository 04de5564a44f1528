namespace Palimpsest.Evaluation;

/// <summary>Whether an answer says what the data say.</summary>
public static class AnswerAccuracy
{
    /// <summary>True when the expected text occurs in the reply, letter case, accents and punctuation aside.</summary>
    public static bool IsRight(string reply, string expected) =>
        FoldedText.IndexOf(FoldedText.Words(reply), FoldedText.Words(expected)) >= 0;
}
