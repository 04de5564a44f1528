namespace Palimpsest.Evaluation;

/// <summary>
/// Tasks in the manner of lm-evaluation-harness, from JSON lines: multiple choice by log-likelihood (argmax of Σ log
/// p, and of Σ log p per character) and generation up to a stop text (exact match, word F1). Biderman et al. 2024,
/// arXiv:2405.14782.
/// </summary>
/// <param name="options">Settings.</param>
public sealed class LmEvalBenchmark(TaskOptions options) : IBenchmark
{
    /// <inheritdoc/>
    public string Layout =>
        "a JSON-lines file of rows (query, choices, gold; or query, target, until), or samples that lm-eval logged";

    /// <inheritdoc/>
    public BenchmarkTask Read(string path) =>
        new RowTask(Path.GetFileNameWithoutExtension(path), TaskFile.Read(path), options);

    /// <inheritdoc/>
    /// <remarks>Each kept fact twice: to choose among its candidates after its question, and to write its
    /// answer.</remarks>
    public BenchmarkTask StandIn(BenchmarkWorld world)
    {
        ArgumentNullException.ThrowIfNull(world);
        var rows = new List<TaskRow>();
        foreach (var fact in world.FactsOf(FactScope.Retain).Where(fact => fact.Candidates.Count > 1))
        {
            var answers = fact.AnswersByCandidate();
            var order = new SeededRandom(SeededRandom.Derive(world.Seed, (ulong)rows.Count)).Permutation(answers.Count);
            var row = new TaskRow
            {
                Id = fact.Id,
                Task = "chosen",
                Place = $"fact '{fact.Id}'",
                Context = fact.Question,
                Continuations = [.. order.Select(place => " " + answers[place])],
                Gold = Array.IndexOf(order, 0),
            };
            rows.Add(row);
            rows.Add(
                row with
                {
                    Task = "written",
                    Continuations = [],
                    Gold = 0,
                    Targets = [fact.Answer],
                    Until = ["\n"],
                }
            );
        }

        return new RowTask("tasks of a world", rows, options);
    }
}
