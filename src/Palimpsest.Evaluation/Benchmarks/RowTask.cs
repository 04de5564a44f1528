using System.Text.Json;

namespace Palimpsest.Evaluation;

/// <summary>Tasks in rows: answers are chosen by likelihood after a context, or a text is generated up to a stop
/// text.</summary>
/// <remarks>Scores of a row do not depend on which rows stand beside it. Rows are measured in parts, which are kept, so
/// that a stopped run goes on.</remarks>
/// <param name="name">The name in tables.</param>
/// <param name="rows">The rows, at least one; ids are unique within a task.</param>
/// <param name="options">Settings.</param>
/// <param name="meaning">What a high accuracy says of a model that was to forget.</param>
public sealed class RowTask(
    string name,
    IReadOnlyList<TaskRow> rows,
    TaskOptions options,
    ScoreMeaning meaning = ScoreMeaning.Other
) : BenchmarkTask
{
    /// <summary>Rows of a part that is kept.</summary>
    private const int PartRows = 64;

    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override ModelAccess Access =>
        rows.Any(row => row.IsChoice) ? ModelAccess.Probabilities : ModelAccess.Replies;

    /// <inheritdoc/>
    public override AuditAxis Axis
    {
        get
        {
            if (rows.All(row => row.IsChoice))
                return AuditAxis.Holds;
            return rows.Any(row => row.IsChoice) ? AuditAxis.Both : AuditAxis.Says;
        }
    }

    /// <inheritdoc/>
    public override AuditCost Cost =>
        new(rows.Count(row => !row.IsChoice), rows.Sum(row => (long)row.Continuations.Count));

    /// <inheritdoc/>
    public override string Settings => $"{options}, rows {ContentHash.OfText(JsonSerializer.Serialize(rows))[..16]}";

    /// <inheritdoc/>
    public override void Require(IScoredModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        foreach (var row in rows)
            Check(model, row);
    }

    private void Check(IScoredModel model, TaskRow row)
    {
        if (row.IsChoice)
        {
            foreach (var continuation in row.Continuations)
                ContinuationEncoder.Encode(model, row, continuation, options.SpecialTokens);
            return;
        }

        Completing(model);
        var tokens = model.Tokenizer.Encode(row.Context, options.SpecialTokens).Length;
        if (tokens == 0 || tokens >= model.MaxTokens)
            throw new InputException(
                $"{row.Place}: the context is {tokens} tokens; the model has {model.MaxTokens} positions, one of them "
                    + "for what it writes, and something to begin with is needed."
            );
    }

    /// <inheritdoc/>
    public override async Task<BenchmarkResult> RunAsync(
        IScoredModel model,
        BenchmarkRun run,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(run);
        Require(model);
        var items = new List<BenchmarkItem>();
        foreach (var (number, part) in rows.Chunk(PartRows).Index())
        {
            run.Progress?.Report(new(name, (long)number * PartRows, rows.Count));
            items.AddRange(
                await run
                    .Stages.GetAsync($"rows-{number:d5}", () => MeasureAsync(model, part, cancellationToken))
                    .ConfigureAwait(false)
            );
        }

        run.Progress?.Report(new(name, rows.Count, rows.Count));
        return new(name, model.Name, [.. ScoresOf(items)], items);
    }

    private IEnumerable<BenchmarkScore> ScoresOf(IReadOnlyList<BenchmarkItem> items)
    {
        foreach (var task in rows.GroupBy(row => row.Task, StringComparer.Ordinal))
        {
            if (task.Any(row => row.IsChoice))
            {
                var chance = task.Where(row => row.IsChoice).Average(row => 1.0 / row.Continuations.Count);
                yield return BenchmarkScore.Of(Accuracy(task.Key), meaning, items, chance);
                yield return BenchmarkScore.Of(PerCharacter(task.Key), ScoreMeaning.Other, items, chance);
            }

            if (task.Any(row => !row.IsChoice))
            {
                yield return BenchmarkScore.Of(Exact(task.Key), meaning, items, replies: true);
                yield return BenchmarkScore.Of(Words(task.Key), ScoreMeaning.Other, items, replies: true);
            }
        }
    }

    private async Task<List<BenchmarkItem>> MeasureAsync(
        IScoredModel model,
        TaskRow[] part,
        CancellationToken cancellationToken
    )
    {
        var items = new List<BenchmarkItem>();
        TaskRow[] chosen = [.. part.Where(row => row.IsChoice)];
        if (chosen.Length > 0)
            items.AddRange(await ChooseAsync(model, chosen, cancellationToken).ConfigureAwait(false));
        foreach (
            var alike in part.Where(row => !row.IsChoice)
                .GroupBy(row => (row.MaxNewTokens, JsonSerializer.Serialize(row.Until)))
        )
            items.AddRange(await WriteAsync(model, [.. alike], cancellationToken).ConfigureAwait(false));
        return items;
    }

    private async Task<IEnumerable<BenchmarkItem>> ChooseAsync(
        IScoredModel model,
        TaskRow[] part,
        CancellationToken cancellationToken
    )
    {
        var sequences = part.SelectMany(row =>
                row.Continuations.Select(text => ContinuationEncoder.Encode(model, row, text, options.SpecialTokens))
            )
            .ToArray();
        var scores = await model
            .ScoreAsync(sequences, new() { BatchSize = options.BatchSize }, cancellationToken)
            .ConfigureAwait(false);
        var next = 0;
        return part.SelectMany(row =>
            {
                double[] sums = [.. row.Continuations.Select(_ => SumOf(scores[next++]))];
                return new[]
                {
                    Chosen(Accuracy(row.Task), row, TaskScores.Likeliest(sums)),
                    Chosen(PerCharacter(row.Task), row, TaskScores.LikeliestPerCharacter(sums, row.Continuations)),
                };
            })
            .ToArray();
    }

    private static double SumOf(TokenScores scores) => scores.LogProbabilities.Sum(value => (double)value);

    private static BenchmarkItem Chosen(string score, TaskRow row, int chosen) =>
        new(score, row.Id, chosen == row.Gold ? 1 : 0)
        {
            Prompt = row.Context,
            Expected = row.Continuations[row.Gold].Trim(),
            Said = row.Continuations[chosen].Trim(),
        };

    private async Task<IEnumerable<BenchmarkItem>> WriteAsync(
        IScoredModel model,
        TaskRow[] part,
        CancellationToken cancellationToken
    )
    {
        var texts = await Completing(model)
            .CompleteAsync(
                [.. part.Select(row => model.Tokenizer.Encode(row.Context, options.SpecialTokens))],
                new()
                {
                    MaxNewTokens = part[0].MaxNewTokens ?? options.MaxNewTokens,
                    StopStrings = part[0].Until,
                    BatchSize = options.BatchSize,
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        return part.Zip(texts)
            .SelectMany(pair =>
                new[]
                {
                    Written(
                        Exact(pair.First.Task),
                        pair,
                        TaskScores.IsExactly(pair.Second, pair.First.Targets, options)
                    ),
                    Written(Words(pair.First.Task), pair, false) with
                    {
                        Value = pair.First.Targets.Max(target => TokenF1.Of(target, pair.Second).F1),
                    },
                }
            )
            .ToArray();
    }

    private static BenchmarkItem Written(string score, (TaskRow Row, string Said) pair, bool right) =>
        new(score, pair.Row.Id, right ? 1 : 0)
        {
            Prompt = pair.Row.Context,
            Expected = pair.Row.Targets[0],
            Said = pair.Said.Trim(),
            Refused = RefusalDetector.IsRefusal(pair.Said),
        };

    private static string Accuracy(string task) => $"{task}: accuracy";

    private static string PerCharacter(string task) => $"{task}: accuracy, per character";

    private static string Exact(string task) => $"{task}: exact match";

    private static string Words(string task) => $"{task}: word F1";
}
