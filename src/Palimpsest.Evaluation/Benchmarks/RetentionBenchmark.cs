using System.Globalization;

namespace Palimpsest.Evaluation;

/// <summary>
/// Recognition (is a studied text's mean NLL below its foil's), recall (is its second half written after the first) and
/// their retention while other texts are learnt. Orhan 2023, arXiv:2303.17557.
/// </summary>
/// <remarks>Retention is this measurement after growing numbers of updates; <see cref="RetentionCurve"/> sums the
/// values up.</remarks>
/// <param name="options">Settings.</param>
public sealed class RetentionBenchmark(RetentionOptions options) : IBenchmark
{
    private const string Seen = "seen_data";
    private const string Unseen = "unseen_data";

    /// <inheritdoc/>
    public string Layout =>
        "the file of studied sentences, for example seen_data_0.json; that of the foils, unseen_data_0.json, lies "
        + "beside it";

    /// <inheritdoc/>
    public BenchmarkTask Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var name = Path.GetFileName(path);
        if (!name.StartsWith(Seen, StringComparison.Ordinal))
            throw new InputException($"{path}: the name begins not with {Seen}, which says where the foils are.");
        var foils = Path.Combine(Path.GetDirectoryName(path) ?? "", Unseen + name[Seen.Length..]);
        var (studied, others) = (Texts(path), Texts(foils));
        if (studied.Length != others.Length)
            throw new InputException(
                $"{foils}: {others.Length} sentences for {studied.Length} in {path}; the n-th is the foil of the n-th."
            );
        foreach (var (text, foil) in studied.Zip(others))
        {
            if (text.Text == foil.Text)
                throw new InputException($"{foil.Place}: the foil is the studied sentence itself.");
        }

        return new RetentionTask(
            [
                .. studied
                    .Zip(others)
                    .Select((pair, i) => new StudiedText(IdOf(i), pair.First.Place, pair.First.Text, pair.Second.Text)),
            ],
            options
        );
    }

    /// <inheritdoc/>
    /// <remarks>Studied are the forget rows' answers in other words, which a world's model learnt as running text;
    /// foils are those of people that no model saw.</remarks>
    public BenchmarkTask StandIn(BenchmarkWorld world)
    {
        ArgumentNullException.ThrowIfNull(world);
        static string[] Prose(IReadOnlyList<QuestionAnswer> rows) =>
            [.. rows.Select(row => row.ParaphrasedAnswer ?? row.Answer).Distinct(StringComparer.Ordinal)];
        return new RetentionTask(
            [
                .. Prose(world.Forget)
                    .Zip(Prose(world.Holdout))
                    .Select((pair, i) => new StudiedText(IdOf(i), $"row {i + 1}", pair.First, pair.Second)),
            ],
            options
        );
    }

    /// <summary>The field called text, else the first.</summary>
    private static (string Place, string Text)[] Texts(string path)
    {
        (string, string)[] texts =
        [
            .. JsonRows
                .Read(path)
                .Select(row =>
                {
                    var name = row["text"].IsNull ? row.Members().Select(field => field.Name).FirstOrDefault() : "text";
                    return (row.Path, row.Text(name ?? "text"));
                }),
        ];
        return texts.Length > 0 ? texts : throw new InputException($"{path}: has no sentence; needed is at least one.");
    }

    private static string IdOf(int row) => (row + 1).ToString(CultureInfo.InvariantCulture);
}
