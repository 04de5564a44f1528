using System.Globalization;

namespace Palimpsest.Reproductions;

/// <summary>The recall recipe's model of a seed and prompts that it has never seen.</summary>
/// <param name="model">The model; disposed with this.</param>
/// <param name="questions">Prompts with a question each.</param>
internal sealed class RecallLab(LanguageModel model, IReadOnlyList<KvQuestion> questions) : IDisposable
{
    /// <summary>The arm without a policy.</summary>
    public const string Full = "full cache";

    /// <summary>Share of exact answers where the question is in the prompt that the policy cuts down.</summary>
    public const string Asked = "exact, question in the prompt";

    /// <summary>Share of exact answers where the question comes after the policy has acted.</summary>
    public const string Afterwards = "exact, question afterwards";

    /// <summary>Physical bytes of the cache behind the prompt.</summary>
    public const string Bytes = "bytes per prompt";

    private readonly KvQuiz _quiz = new(model.Decoder, questions);

    /// <summary>The model.</summary>
    public LanguageModel Model => model;

    /// <summary>Trains or loads the model of a seed and draws the prompts.</summary>
    public static async Task<RecallLab> OpenAsync(
        ReproductionContext context,
        RecallTaskOptions options,
        int prompts,
        CancellationToken cancellationToken
    )
    {
        var model = await context.ModelAsync(RecallRecipe.Create(options), cancellationToken).ConfigureAwait(false);
        var task = new RecallTask(options);
        return new(model, RecallQuiz.Draw(task, options.Facts, options.Filler, prompts, options.Seed));
    }

    /// <summary>An arm's answers, asked in both ways, and its bytes.</summary>
    /// <param name="arm">Its name.</param>
    /// <param name="policy">What is held, as after <c>--kv</c>; null for everything.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public IEnumerable<Measurement> Ask(string arm, string? policy, CancellationToken cancellationToken)
    {
        var held = policy is null ? null : KvPolicyExpression.Parse(policy);
        var (asked, afterwards) = (
            _quiz.Ask(held, asksFirst: true, cancellationToken),
            _quiz.Ask(held, asksFirst: false, cancellationToken)
        );
        return
        [
            new(arm, Asked, asked.Exact.Value),
            new(arm, Afterwards, afterwards.Exact.Value),
            new(arm, Bytes, afterwards.Bytes.Physical),
        ];
    }

    /// <summary>Sinks and a window in at most so many bytes per prompt, as after <c>--kv</c>.</summary>
    /// <param name="bytes">Physical bytes.</param>
    public string WindowOf(double bytes)
    {
        var window = KvArm.All(group: 16).Single(arm => arm.Name == "streaming-llm");
        return window.OfEntries(new KvComparison(model.Decoder, [], []).Entries(window, questions[0], bytes));
    }

    /// <summary>The recipe in words, for a reproduction's setting.</summary>
    public static string Describe(RecallTaskOptions options, int prompts) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"The recall recipe: a {options.Layers}-layer model of width {options.HiddenSize} that looks up in its "
                + $"prompt what it is asked; n = {prompts} prompts per seed of {options.Facts} facts that it has never "
                + $"seen among {options.Filler} words of filler, {1 + 3 * options.Facts + options.Filler} tokens, and "
                + $"one question about one of them. An answer is two words, said greedily; where the question is in "
                + $"the prompt, the first comes from the whole prompt and the second from what is left. "
        );

    /// <summary>The name of an arm with a budget.</summary>
    public static string Arm(string policy, double budget) => $"{policy}, {Number(budget)} of the entries";

    /// <summary>A number as users type it.</summary>
    public static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public void Dispose() => model.Dispose();
}
