namespace Palimpsest.Evaluation;

/// <summary>
/// MUSE: verbatim memory (ROUGE-L F1 of what a model writes after a forgotten text's beginning), knowledge memory (of
/// its answers), privacy leakage (AUC_unlearned − AUC_retrained) / AUC_retrained · 100 of min-k, and utility. Shi et
/// al. 2024, arXiv:2407.06460.
/// </summary>
/// <remarks>Scalability and sustainability run a method several times: <see cref="MuseData.ScalabilityFolds"/> and
/// <see cref="MuseData.SustainabilityFolds"/> name the sets, this task measures each model that comes out, and
/// <see cref="MuseScores.Stop"/> chooses the checkpoint.</remarks>
/// <param name="options">Settings.</param>
public sealed class MuseBenchmark(MuseOptions options) : IBenchmark
{
    private const int Examples = 4;

    /// <inheritdoc/>
    public string Layout => "a corpus' folder as MUSE has it: verbmem, knowmem and privleak, each with its JSON files";

    /// <inheritdoc/>
    public BenchmarkTask Read(string path) => new MuseTask(MuseData.Load(path), options);

    /// <inheritdoc/>
    /// <remarks>Texts are biographies, cut in the middle; members are the forget rows' answers in other words, and the
    /// others those of rows that no model saw.</remarks>
    public BenchmarkTask StandIn(BenchmarkWorld world)
    {
        ArgumentNullException.ThrowIfNull(world);
        static string[] Prose(IReadOnlyList<QuestionAnswer> rows) =>
            [.. rows.Select(row => row.ParaphrasedAnswer ?? row.Answer).Distinct(StringComparer.Ordinal)];
        QuestionAnswer[] retain = [.. world.Retain.Skip(Examples)];
        var members = Prose(world.Forget);
        var data = new MuseData
        {
            Verbatim = [.. world.ForgetTexts.Select(Halves)],
            ForgetQuestions = world.Forget,
            RetainQuestions = retain,
            ForgetExamples = [.. world.Retain.Take(Examples)],
            RetainExamples = [.. world.Retain.Take(Examples)],
            Members = members,
            Others = [.. Prose(world.Holdout).Except(members, StringComparer.Ordinal)],
        };
        data.Require();
        return new MuseTask(data, options);
    }

    private static MuseContinuation Halves(string text)
    {
        var middle = text.IndexOf(' ', text.Length / 2);
        return middle > 0
            ? new(text[..middle], text[middle..])
            : new(text[..(text.Length / 2)], text[(text.Length / 2)..]);
    }
}
