namespace Palimpsest.Reproductions;

/// <summary>Runs methods on one lab and measures them on the way.</summary>
internal sealed class NpoRun(
    WorldLab lab,
    IProgress<TaskProgress>? progress,
    ulong seed,
    double learningRate,
    CancellationToken cancellationToken
)
{
    private readonly IReadOnlyList<TokenSequence> _forget = lab.Forget,
        _retain = lab.Retain;

    /// <summary>Mean NLL per answer token of what is to be forgotten or to be kept.</summary>
    public Task<double> NllAsync(LanguageModel model, bool forget) =>
        WorldLab.NllAsync(model, forget ? _forget : _retain, cancellationToken);

    /// <summary>Share of the answers to be kept that come out word for word.</summary>
    public Task<double> AccuracyAsync(LanguageModel model) => WorldLab.AccuracyAsync(model, _retain, cancellationToken);

    /// <summary>Runs a method until the forget NLL is above the bar.</summary>
    /// <returns>The step, and what is left of what is to be kept there; null and NaN where it never is.</returns>
    public async Task<(int? Step, double RetainNll, double Accuracy)> ToTheBarAsync(
        string method,
        int mostSteps,
        double bar
    )
    {
        var (model, step) = await RunAsync(
                method,
                mostSteps,
                clipNorm: 0,
                async (at, _) => await NllAsync(at, forget: true).ConfigureAwait(false) > bar
            )
            .ConfigureAwait(false);
        using var owned = model;
        return step is null
            ? (null, double.NaN, double.NaN)
            : (
                step,
                await NllAsync(model, forget: false).ConfigureAwait(false),
                await AccuracyAsync(model).ConfigureAwait(false)
            );
    }

    /// <summary>Runs a method for four times another's steps, and until the bar is passed, at most ten times.</summary>
    /// <returns>The step at which the bar is passed, NaN where it is not; both NLLs after four times the
    /// steps.</returns>
    public async Task<(double Passed, double Forget, double Retain)> LateAsync(
        string method,
        int steps,
        double bar,
        double clipNorm
    )
    {
        var (passed, forget, retain) = (double.NaN, double.NaN, double.NaN);
        var (model, _) = await RunAsync(
                method,
                10 * steps,
                clipNorm,
                async (at, step) =>
                {
                    var nll = await NllAsync(at, forget: true).ConfigureAwait(false);
                    if (nll > bar && double.IsNaN(passed))
                        passed = step;
                    if (step == 4 * steps)
                        (forget, retain) = (nll, await NllAsync(at, forget: false).ConfigureAwait(false));
                    return double.IsFinite(passed) && step >= 4 * steps;
                }
            )
            .ConfigureAwait(false);
        model.Dispose();
        return (passed, forget, retain);
    }

    private Task<(LanguageModel Model, int? Step)> RunAsync(
        string method,
        int mostSteps,
        double clipNorm,
        Func<LanguageModel, int, Task<bool>> reached
    ) =>
        lab.ForgetUntilAsync(
            method,
            new()
            {
                MaxSteps = mostSteps,
                ClipNorm = clipNorm,
                Optimizer = new() { LearningRate = learningRate },
                Seed = seed,
            },
            every: 1,
            reached,
            progress,
            cancellationToken
        );
}
