namespace Palimpsest.Evaluation;

/// <summary>What the blocks within a model hold: each block's output is read by the final norm and the head, as if it
/// were the last. A model that was silenced at its end still has the answer in the middle.</summary>
/// <remarks>
/// Per block, knowledge is what <see cref="FactKnowledge"/> measures at the end. The best block counts, among those
/// that tell the original from the zero by at least 0.05 of probability; early blocks are noise.
/// </remarks>
public sealed class LogitLensTest : IAuditTest
{
    /// <summary>The name of this test in reports.</summary>
    internal const string TestName = "logit lens";

    private const double LeastGap = 0.05;

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
        var candidates = FactKnowledge.Measurable(context.Forget).Sum(fact => (long)fact.Candidates.Count);
        return new(Sequences: 2 * candidates * context.Roles.Count);
    }

    /// <inheritdoc/>
    public string? WhyNot(AuditContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return WeightAccess.WhyNot(context) ?? KnowledgeChecks.WhyNot(context.Forget);
    }

    /// <inheritdoc/>
    public async Task<AuditFinding> RunAsync(AuditContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Progress?.Report(new("Logit lens", 0, 0));
        var facts = FactKnowledge.Measurable(context.Forget);
        var known = new Dictionary<AuditRole, double[][]>();
        foreach (var role in context.Roles)
            known[role] = await context
                .MeasureAsync(
                    this,
                    "logit-lens",
                    role,
                    model => Task.Run(() => SharesOf(model, facts, cancellationToken), cancellationToken)
                )
                .ConfigureAwait(false);
        var one = known[AuditRole.Original];
        double[] chance = [.. facts.Select(FactKnowledge.ChanceOf)];
        double[][] zero = context.HasRetrained ? known[AuditRole.Retrained] : [.. one.Select(_ => chance)];
        var finding = new AuditFinding
        {
            Test = Name,
            Axis = Axis,
            Access = Access,
        };
        if (one.Length != zero.Length || one.Length != known[AuditRole.Candidate].Length)
            return finding with { NotMade = "the models have different numbers of blocks" };
        if (BestOf(known[AuditRole.Candidate], zero, one) is { } recovery)
            return finding with { Recovery = recovery, Sections = [KnowledgeSection.Lens(known, recovery)] };
        var reference = context.HasRetrained ? "the retrained model" : "chance";
        return finding with { NotMade = $"no block tells the original from {reference}" };
    }

    /// <summary>The best block's recovery; null where no block has a gap.</summary>
    /// <param name="measured">Knowledge by block and fact.</param>
    /// <param name="zero">The same of the model that never saw the facts.</param>
    /// <param name="one">The same of the original.</param>
    internal static Recovery? BestOf(double[][] measured, double[][] zero, double[][] one)
    {
        var count = measured[0].Length;
        int[] all = [.. Enumerable.Range(0, count)];
        int[] layers =
        [
            .. Enumerable.Range(0, one.Length).Where(layer => one[layer].Average() - zero[layer].Average() >= LeastGap),
        ];
        if (layers.Length == 0)
            return null;
        double Value(int[] rows) =>
            layers.Max(layer =>
            {
                double Mean(double[][] values) => rows.Average(row => values[layer][row]);
                return Recovery.Share(Mean(measured), Mean(zero), Mean(one), LeastGap);
            });
        return new(TestName, Value(all), BootstrapInterval.Of(count, Recovery.Seed, Value), count);
    }

    private static double[][] SharesOf(
        IScoredModel model,
        IReadOnlyList<Fact> facts,
        CancellationToken cancellationToken
    )
    {
        var answers = facts.Select(fact => fact.AnswersByCandidate()).ToArray();
        TokenSequence[] sequences =
        [
            .. facts.SelectMany((fact, i) => answers[i].Select(answer => model.EncodeAnswer(fact.Question, answer, i))),
        ];
        var decoder = WeightAccess.DecoderOf(model)!;
        var probabilities = HiddenStates.LensProbabilities(
            decoder,
            model.Tokenizer.PadId ?? model.Tokenizer.EosId ?? 0,
            sequences,
            cancellationToken
        );
        return
        [
            .. probabilities.Select(layer =>
            {
                var next = 0;
                return answers
                    .Select(of =>
                    {
                        var own = layer[next..(next += of.Count)];
                        return own[0] / Math.Max(own.Sum(), double.Epsilon);
                    })
                    .ToArray();
            }),
        ];
    }
}
