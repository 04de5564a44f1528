namespace Palimpsest.Reproductions;

/// <summary>Makes a lab's original forget the answers of one length and measures it on the way.</summary>
internal sealed class NpoRun(
    WorldLab lab,
    int length,
    IProgress<TaskProgress>? progress,
    CancellationToken cancellationToken
)
{
    public const double LearningRate = 2e-4;
    public const double Beta = 0.1;

    private readonly IReadOnlyList<TokenSequence> _forget = ForgetRows(lab, length),
        _retain = lab.Retain;

    /// <summary>Tokens of a forget answer, on average.</summary>
    public double Tokens => _forget.Average(row => (double)row.LabelCount);

    /// <summary>Mean NLL per answer token of what is to be forgotten or to be kept.</summary>
    public Task<double> NllAsync(LanguageModel model, bool forget) =>
        WorldLab.NllAsync(model, forget ? _forget : _retain, cancellationToken);

    /// <summary>Share of the answers to be kept that come out word for word.</summary>
    public Task<double> AccuracyAsync(LanguageModel model) => WorldLab.AccuracyAsync(model, _retain, cancellationToken);

    /// <summary>Runs a method until the forget NLL is above the bar, or for the most steps.</summary>
    /// <returns>The step, null where it never is, and what is forgotten and left at the end.</returns>
    public async Task<(int? Step, double ForgetNll, double RetainNll, double Accuracy)> ToTheBarAsync(
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
        return (
            step,
            await NllAsync(model, forget: true).ConfigureAwait(false),
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

    private async Task<(LanguageModel Model, int? Step)> RunAsync(
        string method,
        int mostSteps,
        double clipNorm,
        Func<LanguageModel, int, Task<bool>> reached
    )
    {
        var stop = new MeasuredStop(lab.Original, every: 1, reached);
        var training = new TrainOptions
        {
            MaxSteps = mostSteps,
            ClipNorm = clipNorm,
            Optimizer = new() { LearningRate = LearningRate },
            Seed = lab.World.Options.Seed,
        };
        var job = lab.Job(training, stop) with { Forget = _forget, Alternates = [] };
        var steps = progress is null ? null : new StepProgress(progress, $"Forgetting by {method}");
        var result = await Unlearning
            .Catalog.Find(method)
            .CreateDefault()
            .RunAsync(job, steps, cancellationToken)
            .ConfigureAwait(false);
        return ((LanguageModel)lab.Original.WithDecoder(result.Model, method), stop.Step);
    }

    private static IReadOnlyList<TokenSequence> ForgetRows(WorldLab lab, int length)
    {
        var lengths = lab.World.Options.AnswerDetails?.Count ?? 1;
        var names = lab.World.People.Where((_, i) => i % lengths == length).Select(person => person.Name).ToHashSet();
        return
        [
            .. lab
                .World.FactsOf(FactScope.Forget)
                .Where(fact => names.Contains(fact.Subject))
                .Select((fact, i) => lab.Original.EncodeAnswer(fact.Question, fact.Answer, i)),
        ];
    }
}
