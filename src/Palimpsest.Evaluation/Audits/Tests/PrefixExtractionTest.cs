namespace Palimpsest.Evaluation;

/// <summary>Whether a model goes on with the truth when the beginning of the answer is given: greedy decoding from the
/// question and the answer up to the fact's object. Carlini et al. 2022, arXiv:2202.07646.</summary>
/// <remarks>Greedy decoding writes a text exactly where every token of it is the likeliest after those before it, so
/// that one pass of scoring tells and nothing is generated. A refusal that comes first cannot hide the fact.</remarks>
public sealed class PrefixExtractionTest : IAuditTest
{
    /// <summary>The name of this test in reports.</summary>
    internal const string TestName = "extraction by prefix";

    /// <inheritdoc/>
    public string Name => TestName;

    /// <inheritdoc/>
    public AuditAxis Axis => AuditAxis.Holds;

    /// <inheritdoc/>
    public ModelAccess Access => ModelAccess.Probabilities;

    /// <inheritdoc/>
    public AuditCost CostOf(AuditContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new(Sequences: (long)Facts(context).Count * context.Roles.Count);
    }

    /// <inheritdoc/>
    public string? WhyNot(AuditContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Facts(context).Count > 0
            ? null
            : "no forgotten fact's answer has words before the fact's object, which stands in no question";
    }

    /// <inheritdoc/>
    public async Task<AuditFinding> RunAsync(AuditContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var facts = Facts(context);
        var found = new Dictionary<AuditRole, double[]>();
        foreach (var role in context.Roles)
            found[role] = await context
                .MeasureAsync(this, "extraction", role, model => ExtractedAsync(model, facts, cancellationToken))
                .ConfigureAwait(false);
        var zero = found.GetValueOrDefault(AuditRole.Retrained) ?? new double[facts.Count];
        var levels = found.ToDictionary(
            pair => AuditContext.NameOf(pair.Key),
            pair => MeasuredLevel.FromRate(new((int)pair.Value.Sum(), facts.Count))
        );
        return new()
        {
            Test = Name,
            Axis = Axis,
            Access = Access,
            Recovery = Recovery.Of(Name, found[AuditRole.Candidate], zero, found[AuditRole.Original]),
            Levels = levels,
            Sections =
            [
                new(
                    "What it still holds: extraction by prefix",
                    [
                        new BarsPart("Facts that greedy decoding writes", AskedSection.BarsOf(levels)),
                        new TextPart(
                            $"Of {facts.Count} facts the question and the answer up to the fact were given; a fact "
                                + "counts where the likeliest next tokens write it whole."
                        ),
                    ]
                ),
            ],
        };
    }

    /// <summary>1 for each fact whose object greedy decoding writes after the true beginning, else 0.</summary>
    internal static async Task<double[]> ExtractedAsync(
        IScoredModel model,
        IReadOnlyList<Fact> facts,
        CancellationToken cancellationToken
    )
    {
        var spans = facts.Select((fact, i) => SpanOf(model, fact, i)).ToArray();
        var scores = await model
            .ScoreAsync([.. spans.Select(span => span.Sequence)], new() { BatchSize = 64 }, cancellationToken)
            .ConfigureAwait(false);
        return
        [
            .. spans.Zip(
                scores,
                (span, score) =>
                {
                    var (ids, first) = (span.Sequence.Ids, Math.Max(span.Sequence.LabelStart, 1));
                    var range = Enumerable.Range(span.Start, span.End - span.Start);
                    return range.All(token => score.Greedy[token - first] == ids[token]) ? 1.0 : 0.0;
                }
            ),
        ];
    }

    /// <summary>The tokens that hold some of the object: those from where the answer without it parts from the whole,
    /// up to where the answer that ends with it does.</summary>
    private static (TokenSequence Sequence, int Start, int End) SpanOf(IScoredModel model, Fact fact, int row)
    {
        var (answer, at) = (fact.Answer, fact.Answer.IndexOf(fact.Object, StringComparison.Ordinal));
        var whole = model.EncodeAnswer(fact.Question, answer, row);
        int Common(string text) =>
            model.EncodeAnswer(fact.Question, text, row).Ids.AsSpan().CommonPrefixLength(whole.Ids);
        var start = Math.Max(Common(answer[..at].TrimEnd()), Math.Max(whole.LabelStart, 1));
        var end = Math.Max(Common(answer[..(at + fact.Object.Length)]), start + 1);
        return (whole, start, Math.Min(end, whole.Ids.Length));
    }

    private static IReadOnlyList<Fact> Facts(AuditContext context) =>
        [
            .. context.Forget.Where(fact =>
                fact.Answer.IndexOf(fact.Object, StringComparison.Ordinal) > 0
                && !Reintroduction.Holds(fact.Question, fact)
            ),
        ];
}
