using System.Globalization;

namespace Palimpsest.Unlearning;

/// <summary>Settings of WAGLE.</summary>
public sealed record WagleOptions
{
    /// <summary>The method whose loss is used with its default settings, for example <c>npo-rt</c>.</summary>
    public string Method { get; init; } = "graddiff";

    /// <summary>Share of all weights that may change, in (0, 1].</summary>
    public double Share
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 1);
    } = 0.95;

    /// <summary>What the curvature of the retain loss is taken to be (γ), above 0: the smaller, the more the retain
    /// rows' gradient decides.</summary>
    public double Curvature
    {
        get;
        init => field = Require.InRange(value, above: 0);
    } = 1e-6;

    /// <summary>By what weights are ranked.</summary>
    public WeightScore Score { get; init; }

    /// <summary>Adds gradients of batches up, as the authors do, where else their mean is taken: the meaning of the
    /// curvature then depends on the number of rows.</summary>
    public bool SumsGradients { get; init; }

    /// <summary>Takes g_f of other answers to the forget questions, for methods that train them.</summary>
    public bool OnAlternates { get; init; }

    /// <summary>Rows per gradient, at least 1.</summary>
    public int GradientBatchSize
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 1;

    /// <summary>Seed of a random ranking.</summary>
    public ulong ScoreSeed { get; init; } = 1;

    /// <summary>True when the ranking reads gradients of retain rows.</summary>
    internal bool ReadsRetain => Score == WeightScore.Attribution;

    /// <summary>True when the ranking reads gradients of forget rows.</summary>
    internal bool ReadsForget => Score is not (WeightScore.Magnitude or WeightScore.Random);

    internal void RequireUsed()
    {
        var defaults = new WagleOptions();
        if (Score != WeightScore.Attribution && Curvature != defaults.Curvature)
            throw Unused("Curvature");
        if (Score != WeightScore.Attribution && SumsGradients)
            throw Unused("SumsGradients");
        if (!ReadsForget && OnAlternates)
            throw Unused("OnAlternates");
        if (!ReadsForget && GradientBatchSize != defaults.GradientBatchSize)
            throw Unused("GradientBatchSize");
        if (Score != WeightScore.Random && ScoreSeed != defaults.ScoreSeed)
            throw Unused("ScoreSeed");
    }

    private InputException Unused(string name) =>
        new($"wagle: {name} has no effect where weights are ranked by {Score}; allowed is to leave it out.");
}

/// <summary>
/// Chooses single weights by what changing them does to the forget loss once the retain loss has reacted:
/// S = |(θ − g_r / γ) · g_f|, and the largest share of all weights together may change. Jia et al. 2024,
/// arXiv:2410.17509.
/// </summary>
/// <remarks>
/// g_f and g_r are gradients of token-mean NLLs, averaged over one pass of the forget rows with as many retain rows
/// beside them. int(share · N) weights are kept; of equal scores those that come first in the order of the model. The
/// mask is on updates, weight decay included; the authors' is on gradients, so that decay still moves what is masked.
/// It serves any method that trains the model's own weights, as <see cref="UnlearnJob.MayChange"/>.
/// </remarks>
/// <param name="options">Settings; the method's name is not read.</param>
public sealed class Wagle(WagleOptions options) : IParameterSelector
{
    /// <inheritdoc/>
    public string Description => (options with { Method = "" }).ToString();

    /// <inheritdoc/>
    public IReadOnlyList<ParameterRef> Select(CausalLM model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return [.. model.ParameterRefs];
    }

    /// <inheritdoc/>
    /// <exception cref="InputException">Rows that the ranking reads are missing, weights are held quantised, or a
    /// gradient is not finite.</exception>
    public UpdateMask Mask(UnlearnJob job, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        options.RequireUsed();
        if (options.ReadsRetain && job.Retain.Count == 0)
            throw new InputException("WAGLE weighs forget rows against retain rows; there is no retain row.");
        if (options.OnAlternates && (job.Alternates.Count == 0 || job.Alternates.Any(answers => answers.Count == 0)))
            throw new InputException("WAGLE: OnAlternates needs another answer to each forget row; one has none.");
        job.Model.RequireDense("WAGLE");
        var rows = job with { BatchSize = options.GradientBatchSize };
        var source = new ForgetBatchSource(rows, options.ReadsRetain, options.OnAlternates);
        using var scope = NewDisposeScope();
        using var model = job.Model.Clone();
        foreach (var parameter in model.parameters())
            parameter.requires_grad_(true);
        return new(
            Masks(model, Enumerable.Range(0, source.BatchesPerEpoch).Select(i => source.Batch(i)), cancellationToken)
        );
    }

    /// <summary>By weight, which values may change; the caller's scope disposes the masks.</summary>
    /// <param name="model">All weights have <c>requires_grad</c>.</param>
    /// <param name="batches">At hand; they are disposed.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    internal Dictionary<string, Tensor> Masks(
        CausalLM model,
        IEnumerable<StepBatches> batches,
        CancellationToken cancellationToken
    )
    {
        var scores = Scores(model, batches, cancellationToken);
        var count = (long)(options.Share * scores.Sum(score => score.Scores.numel()));
        return LargestScores.Keep(scores, count);
    }

    /// <summary>The score of every value, [Out, In] or [Out] float32 on the CPU, in the order of the model; the
    /// caller's scope disposes them.</summary>
    internal IReadOnlyList<(string Name, Tensor Scores)> Scores(
        CausalLM model,
        IEnumerable<StepBatches> batches,
        CancellationToken cancellationToken
    )
    {
        using GradientSums forget = new(),
            retain = new();
        model.eval();
        foreach (var step in options.ReadsForget ? batches : [])
        {
            using var batch = step;
            cancellationToken.ThrowIfCancellationRequested();
            var answers = options.OnAlternates ? StepBatches.Alternate : StepBatches.Forget;
            forget.Add(model, batch[answers], model.ParameterRefs);
            if (options.ReadsRetain)
                retain.Add(model, batch[StepBatches.Retain], model.ParameterRefs);
        }

        using var grad = no_grad();
        var random = new SeededRandom(options.ScoreSeed);
        return [.. model.ParameterRefs.Select(weight => (weight.Name, Score(weight, forget, retain, random)))];
    }

    /// <summary>|(θ − g_r / γ) · g_f|, elementwise.</summary>
    /// <param name="weight">θ, any shape, float32.</param>
    /// <param name="forget">g_f, the same shape.</param>
    /// <param name="retain">g_r, the same shape.</param>
    /// <param name="curvature">γ.</param>
    public static Tensor Attribution(Tensor weight, Tensor forget, Tensor retain, double curvature)
    {
        using var scope = NewDisposeScope();
        return ((weight - retain / curvature) * forget).abs().MoveToOuterDisposeScope();
    }

    private Tensor Score(ParameterRef weight, GradientSums forget, GradientSums retain, SeededRandom random)
    {
        using var scope = NewDisposeScope();
        var value = weight.Value().detach();
        Tensor Gradient(GradientSums sums) =>
            (sums.Find(weight.Name) ?? zeros_like(value)) / (options.SumsGradients ? 1 : sums.Batches);
        var score = options.Score switch
        {
            WeightScore.Attribution => Attribution(value, Gradient(forget), Gradient(retain), options.Curvature),
            WeightScore.Saliency => (value * Gradient(forget)).abs(),
            WeightScore.Gradient => Gradient(forget).abs(),
            WeightScore.Magnitude => value.abs(),
            _ => Drawn(value, random),
        };
        if (!score.isfinite().all().item<bool>())
            throw new InputException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"wagle: the score of '{weight.Name}' is not finite; its gradient overflows or γ "
                        + $"({options.Curvature}) is too small."
                )
            );
        return score.cpu().contiguous().MoveToOuterDisposeScope();
    }

    private static Tensor Drawn(Tensor like, SeededRandom random)
    {
        var values = new float[like.numel()];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)random.Unit();
        return tensor(values).reshape(like.shape);
    }
}
