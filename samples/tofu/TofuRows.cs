using Palimpsest.Evaluation;

namespace Palimpsest.Samples.Tofu;

/// <summary>The rows of a plan.</summary>
/// <param name="Forget">Rows that ask to be forgotten.</param>
/// <param name="Keep">Every other row that is learnt.</param>
/// <param name="Evaluated">The rows that the metrics read, with paraphrases and wrong answers.</param>
internal sealed record TofuRows(
    IReadOnlyList<QuestionAnswer> Forget,
    IReadOnlyList<QuestionAnswer> Keep,
    TofuData Evaluated
)
{
    private const int RowsPerAuthor = 20;
    private const int FirstHoldoutAuthor = 100;

    /// <summary>Reads them from a folder with TOFU's files.</summary>
    public static TofuRows Read(string folder, TofuPlan plan)
    {
        IReadOnlyList<QuestionAnswer> File(string name) =>
            QuestionAnswerFile.Read(Path.Combine(folder, $"{name}.json"));
        // Beside forget10, retain90 is everything: the authors' full.json is the one after the other.
        QuestionAnswer[] authors = [.. File("retain90"), .. File("forget10")];
        QuestionAnswer[] kept = [.. authors.Take(plan.RetainAuthors * RowsPerAuthor)];
        var learnt = kept.Select(row => row.Question).ToHashSet();
        var data = TofuData.Load(folder, plan.Forget);
        return new(
            File(plan.Forget),
            [.. kept, .. File("real_authors"), .. File("world_facts")],
            data with
            {
                Retain = [.. data.Retain.Where(row => learnt.Contains(row.Question))],
                Holdout =
                [
                    .. authors.Skip(FirstHoldoutAuthor * RowsPerAuthor).Take(plan.HoldoutAuthors * RowsPerAuthor),
                ],
            }
        );
    }
}
