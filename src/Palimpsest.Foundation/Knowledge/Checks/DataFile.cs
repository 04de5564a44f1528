namespace Palimpsest.Foundation;

/// <summary>A file that was looked at.</summary>
/// <param name="Part">forget, retain, holdout or facts.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Rows">Rows or facts that could be read.</param>
/// <param name="WithWrongAnswers">How many of them have wrong answers, or candidates.</param>
/// <param name="WithOtherAnswer">How many have the answer in other words; 0 for facts.</param>
/// <param name="WithOtherQuestion">How many have the question in other words.</param>
public sealed record DataFile(
    string Part,
    string Path,
    int Rows,
    int WithWrongAnswers,
    int WithOtherAnswer,
    int WithOtherQuestion
);
