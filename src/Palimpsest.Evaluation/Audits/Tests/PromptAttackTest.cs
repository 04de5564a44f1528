namespace Palimpsest.Evaluation;

/// <summary>What a model says under an attack that needs replies alone; the best of the attack's ways counts.</summary>
/// <remarks>
/// Per way, recovery is clip((candidate − zero) / (original − zero), 0, 1), where each is the share of forgotten
/// facts that replies state under the same prompts, and zero the retrained model's (0 without one). What the candidate
/// says when it is simply asked is the level before.
/// </remarks>
/// <param name="attack">Makes the prompts.</param>
public sealed class PromptAttackTest(IPromptAttack attack) : IAuditTest
{
    /// <inheritdoc/>
    public string Name => attack.Name;

    /// <inheritdoc/>
    public AuditAxis Axis => AuditAxis.Says;

    /// <inheritdoc/>
    public ModelAccess Access => ModelAccess.Replies;

    /// <inheritdoc/>
    public string Settings => attack.Settings;

    /// <inheritdoc/>
    public AuditCost CostOf(AuditContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new(Replies: (long)Prompts(context).Count * context.Roles.Count);
    }

    /// <inheritdoc/>
    public string? WhyNot(AuditContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Prompts(context).Count > 0
            ? null
            : "there is no prompt for a forgotten fact that does not hold its own answer";
    }

    /// <inheritdoc/>
    public async Task<AuditFinding> RunAsync(AuditContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var prompts = Prompts(context);
        string[] facts = [.. prompts.Select(prompt => prompt.Fact.Id).Distinct()];
        string[] variants = [.. prompts.Select(prompt => prompt.Variant).Distinct()];
        var comparison = new AttackComparison(facts.Length, variants);
        IReadOnlyList<AttackReply> said = [];
        foreach (var role in context.Roles)
        {
            var replies = await AskAsync(context, role, prompts, cancellationToken).ConfigureAwait(false);
            var asked = await AskedAsync(context, role, facts, cancellationToken).ConfigureAwait(false);
            comparison.Attacked[role] = new(replies, facts, variants);
            comparison.Asked[role] = new(asked, facts, [""]);
            said = role == AuditRole.Candidate ? replies : said;
        }

        var leaks = Leaks(prompts, said, facts, comparison.Asked[AuditRole.Candidate]);
        var findings = new AttackFindings(comparison.Rates(), leaks);
        return new()
        {
            Test = Name,
            Axis = Axis,
            Access = Access,
            Recovery = comparison.Recover(Name),
            Levels = comparison.Levels(),
            Sections = [AttackSection.Create(Name, findings)],
            Data = AuditReport.ToData(findings),
        };
    }

    private IReadOnlyList<AttackPrompt> Prompts(AuditContext context) =>
        [
            .. context
                .Forget.SelectMany(fact => attack.PromptsFor(fact, context.Request.Facts))
                .Where(prompt => !ProbeHygiene.GivesAway(prompt.Probe)),
        ];

    private Task<IReadOnlyList<AttackReply>> AskAsync(
        AuditContext context,
        AuditRole role,
        IReadOnlyList<AttackPrompt> prompts,
        CancellationToken cancellationToken
    ) =>
        context.MeasureAsync<IReadOnlyList<AttackReply>>(
            this,
            $"attack-{StatementSubject.NameOf(Name)}",
            role,
            async model =>
            {
                var options = new GenerationOptions { MaxNewTokens = attack.MaxNewTokens, BatchSize = 64 };
                var conversations = prompts.Select(prompt => prompt.Conversation).ToArray();
                var texts = await model.ReplyAsync(conversations, options, cancellationToken).ConfigureAwait(false);
                var verdicts = await context
                    .Request.Judge.JudgeAsync([.. prompts.Select(prompt => prompt.Probe)], texts, cancellationToken)
                    .ConfigureAwait(false);
                return
                [
                    .. prompts.Select(
                        (prompt, i) => new AttackReply(prompt.Variant, prompt.Fact.Id, texts[i], verdicts[i])
                    ),
                ];
            }
        );

    /// <summary>What a model says to the facts' own questions: measured once for all attacks.</summary>
    private static async Task<IEnumerable<AttackReply>> AskedAsync(
        AuditContext context,
        AuditRole role,
        string[] facts,
        CancellationToken cancellationToken
    ) =>
        (await context.RepliesAsync(role, cancellationToken).ConfigureAwait(false))
            .Where(reply => reply.Probe.IsSeed && facts.Contains(reply.Probe.FactId))
            .Select(reply => new AttackReply("", reply.Probe.FactId, reply.Text, reply.Verdict));

    private static IReadOnlyList<AttackLeak> Leaks(
        IReadOnlyList<AttackPrompt> prompts,
        IReadOnlyList<AttackReply> said,
        string[] facts,
        AttackTable asked
    ) =>
        [
            .. prompts
                .Zip(said)
                .Where(pair => pair.Second.Verdict == Verdict.Stated)
                .Select(pair => new AttackLeak(
                    pair.First.Variant,
                    pair.First.Fact.Id,
                    pair.First.Conversation,
                    pair.Second.Text,
                    asked.Of(0, [Array.IndexOf(facts, pair.First.Fact.Id)]).Hits > 0
                )),
        ];
}
