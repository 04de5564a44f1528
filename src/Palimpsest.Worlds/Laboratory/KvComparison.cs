namespace Palimpsest.Worlds;

/// <summary>Policies for caches at equal bytes: what each still answers, weighs and costs.</summary>
/// <param name="model">The model; it stays the caller's.</param>
/// <param name="arms">The policies.</param>
/// <param name="shares">Sizes as shares of the full cache's physical bytes, each in (0, 1).</param>
public sealed class KvComparison(CausalLM model, IReadOnlyList<KvArm> arms, IReadOnlyList<double> shares)
{
    /// <summary>The name of the arm without a policy.</summary>
    public const string Full = "full cache";

    private const int FewestEntries = 8;
    private static readonly bool[] Ways = [true, false];

    /// <summary>Asks the questions of a task under every policy, in the prompt and after it.</summary>
    /// <param name="task">The task's name.</param>
    /// <param name="questions">At least one.</param>
    /// <param name="progress">Told after each arm.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="InputException">A policy cannot serve the model.</exception>
    public IReadOnlyList<KvComparisonRow> Run(
        string task,
        IReadOnlyList<KvQuestion> questions,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(questions);
        var quiz = new KvQuiz(model, questions);
        (string Name, string? Expression)[] all = [(Full, null), .. arms.SelectMany(arm => Sized(arm, questions))];
        KvScore[] full = [.. Ways.Select(asksFirst => quiz.Ask(null, asksFirst, cancellationToken))]; // warms up too
        full = [.. Ways.Select(asksFirst => quiz.Ask(null, asksFirst, cancellationToken))];
        var rows = new List<KvComparisonRow>();
        for (var arm = 0; arm < all.Length; arm++)
        {
            progress?.Report(new($"{task}: {all[arm].Name}", arm, all.Length));
            var policy = all[arm].Expression is { } text ? KvPolicyExpression.Parse(text) : null;
            foreach (var (way, asksFirst) in Ways.Index())
            {
                var score = policy is null ? full[way] : quiz.Ask(policy, asksFirst, cancellationToken);
                rows.Add(
                    new(
                        task,
                        all[arm].Name,
                        all[arm].Expression,
                        asksFirst,
                        score.Exact,
                        score.Bytes.Physical,
                        (double)score.Bytes.Physical / full[way].Bytes.Physical,
                        score.PrefillSeconds / full[way].PrefillSeconds,
                        score.DecodeSeconds / full[way].DecodeSeconds
                    )
                );
            }
        }

        return rows;
    }

    private IEnumerable<(string Name, string? Expression)> Sized(KvArm arm, IReadOnlyList<KvQuestion> questions)
    {
        if (!arm.IsSized)
            return [(arm.Name, arm.OfEntries(0))];
        var longest = questions.MaxBy(question => question.Context.Count)!;
        var whole = Bytes(null, longest);
        return shares.Select(share => (arm.Name, (string?)arm.OfEntries(Entries(arm, longest, whole * share))));
    }

    /// <summary>The most entries that a policy can hold in so many bytes, or the fewest that it gets.</summary>
    /// <param name="arm">The policy.</param>
    /// <param name="question">Its context is what is held.</param>
    /// <param name="bytes">Physical bytes that are allowed.</param>
    public int Entries(KvArm arm, KvQuestion question, double bytes)
    {
        ArgumentNullException.ThrowIfNull(arm);
        ArgumentNullException.ThrowIfNull(question);
        var (fits, over) = (FewestEntries, Math.Max(FewestEntries + 1, question.Context.Count));
        while (over - fits > 1)
        {
            var middle = (fits + over) / 2;
            if (Bytes(arm.OfEntries(middle), question) <= bytes)
                fits = middle;
            else
                over = middle;
        }

        return fits;
    }

    private long Bytes(string? expression, KvQuestion question) =>
        new KvQuiz(model, [question])
            .Ask(expression is null ? null : KvPolicyExpression.Parse(expression), asksFirst: false)
            .Bytes.Physical;
}
