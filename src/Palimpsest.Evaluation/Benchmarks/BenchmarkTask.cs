namespace Palimpsest.Evaluation;

/// <summary>A benchmark with its rows, which are checked: it measures any model.</summary>
public abstract class BenchmarkTask
{
    /// <summary>The name in tables and reports, for example <c>WMDP</c>.</summary>
    public abstract string Name { get; }

    /// <summary>What it has to see of a model.</summary>
    public abstract ModelAccess Access { get; }

    /// <summary>Which question of an audit it answers.</summary>
    public abstract AuditAxis Axis { get; }

    /// <summary>About how much work one model is.</summary>
    public abstract AuditCost Cost { get; }

    /// <summary>The settings and rows in one line, for plans: two tasks with equal lines measure the same.</summary>
    public abstract string Settings { get; }

    /// <summary>Checks every row against a model before it is asked anything: lengths, tokens, what it can
    /// do.</summary>
    /// <param name="model">The model.</param>
    /// <exception cref="InputException">The model cannot be measured; the message names the row where it is
    /// one.</exception>
    public abstract void Require(IScoredModel model);

    /// <summary>Measures a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="run">Progress, and what is kept.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="InputException">The model cannot be measured; see <see cref="Require"/>.</exception>
    public abstract Task<BenchmarkResult> RunAsync(
        IScoredModel model,
        BenchmarkRun run,
        CancellationToken cancellationToken = default
    );

    /// <summary>Adds the scores that compare with a model which never saw what was to be forgotten.</summary>
    /// <param name="result">A result of this task.</param>
    /// <param name="retrained">That model's result; null where there is none.</param>
    public virtual BenchmarkResult Compare(BenchmarkResult result, BenchmarkResult? retrained) => result;

    /// <summary>The model as one that goes on with running text.</summary>
    /// <exception cref="InputException">It cannot.</exception>
    private protected ICompletionModel Completing(IScoredModel model) =>
        model as ICompletionModel
        ?? throw new InputException(
            $"{Name} prompts with running text; {model.Name} answers conversations alone, needed is a local model."
        );
}
