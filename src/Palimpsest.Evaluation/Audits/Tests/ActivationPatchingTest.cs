namespace Palimpsest.Evaluation;

/// <summary>How deep forgetting went: the candidate's hidden states take the place of the original's, block by block,
/// and the original answers on. What it can still say, the candidate's blocks still held.</summary>
/// <remarks>
/// Per fact, D1 is what the original loses by the retrained model's states and D2 by the candidate's, see
/// <see cref="ActivationPatching"/>; over the blocks with D1 above 0.05 the share that is still held is 1 − Σ D1 ·
/// clip(D2 / D1, 0, 1) / Σ D1, and the mean over facts counts. Facts without such a block say nothing.
/// </remarks>
public sealed class ActivationPatchingTest : IAuditTest
{
    /// <summary>The name of this test in reports.</summary>
    internal const string TestName = "activation patching";

    private const double LeastLoss = 0.05;

    /// <inheritdoc/>
    public string Name => TestName;

    /// <inheritdoc/>
    public AuditAxis Axis => AuditAxis.Holds;

    /// <inheritdoc/>
    public ModelAccess Access => ModelAccess.Weights;

    /// <inheritdoc/>
    public AuditCost CostOf(AuditContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var layers = WeightAccess.DecoderOf(context.ModelOf(AuditRole.Original))?.Config.Layers ?? 0;
        return new(Sequences: 2L * (layers + 2) * context.Forget.Count);
    }

    /// <inheritdoc/>
    public string? WhyNot(AuditContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (WeightAccess.WhyNot(context) is { } reason)
            return reason;
        if (!context.HasRetrained)
            return "it needs a retrained model, whose states show what the original's are worth";
        if (context.Forget.Count == 0)
            return "there is no fact to be forgotten";
        var original = WeightAccess.DecoderOf(context.ModelOf(AuditRole.Original))!.Config;
        return context.Roles.All(role =>
            ActivationPatching.Fits(original, WeightAccess.DecoderOf(context.ModelOf(role))!.Config)
        )
            ? null
            : "the models differ in blocks, width or vocabulary";
    }

    /// <inheritdoc/>
    public async Task<AuditFinding> RunAsync(AuditContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Progress?.Report(new("Activation patching", 0, 0));
        var original = context.ModelOf(AuditRole.Original);
        TokenSequence[] answers =
        [
            .. context.Forget.Select((fact, i) => original.EncodeAnswer(fact.Question, fact.Answer, i)),
        ];
        var losses = new Dictionary<AuditRole, double[][]>();
        foreach (var role in new[] { AuditRole.Retrained, AuditRole.Candidate })
            losses[role] = await context
                .MeasureAsync(
                    (this, original),
                    "activation-patching",
                    role,
                    source => Task.Run(() => LossesBy(original, source, answers, cancellationToken), cancellationToken)
                )
                .ConfigureAwait(false);
        var held = HeldByFact(losses[AuditRole.Candidate], losses[AuditRole.Retrained]);
        var finding = new AuditFinding
        {
            Test = Name,
            Axis = Axis,
            Access = Access,
        };
        if (held.Length == 0)
            return finding with { NotMade = "no block's states tell the original from the retrained model" };
        var recovery = new Recovery(Name, held.Average(), BootstrapInterval.OfMean(held, Recovery.Seed), held.Length);
        return finding with { Recovery = recovery, Sections = [KnowledgeSection.Patching(losses, recovery)] };
    }

    /// <summary>The share of each fact that the candidate's blocks still held, in [0, 1]; facts without a block that
    /// tells original and retrained model apart are left out.</summary>
    /// <param name="candidate">D2 by block and fact, in nats per token.</param>
    /// <param name="retrained">D1 of the same.</param>
    internal static double[] HeldByFact(double[][] candidate, double[][] retrained)
    {
        var held = new List<double>();
        for (var fact = 0; fact < retrained[0].Length; fact++)
        {
            var (all, lost) = (0.0, 0.0);
            for (var layer = 0; layer < retrained.Length; layer++)
            {
                var most = retrained[layer][fact];
                if (most <= LeastLoss)
                    continue;
                all += most;
                lost += Math.Clamp(candidate[layer][fact], 0, most);
            }

            if (all > 0)
                held.Add(1 - lost / all);
        }

        return [.. held];
    }

    private static double[][] LossesBy(
        IScoredModel original,
        IScoredModel source,
        TokenSequence[] answers,
        CancellationToken cancellationToken
    ) =>
        ActivationPatching.Losses(
            WeightAccess.DecoderOf(original)!,
            WeightAccess.DecoderOf(source)!,
            original.Tokenizer.PadId ?? original.Tokenizer.EosId ?? 0,
            answers,
            cancellationToken
        );
}
