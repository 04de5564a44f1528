namespace Palimpsest.Worlds;

/// <summary>A world, the model that learnt it, and the one that never saw the people to be forgotten.</summary>
public sealed class WorldLab : IDisposable
{
    private static readonly ScoreOptions Scoring = new() { BatchSize = 64 };

    private WorldLab(World world, LanguageModel original, LanguageModel retrained) =>
        (World, Original, Retrained) = (world, original, retrained);

    /// <summary>The people, places and things.</summary>
    public World World { get; }

    /// <summary>Trained on everything.</summary>
    public LanguageModel Original { get; }

    /// <summary>Trained without the people to be forgotten.</summary>
    public LanguageModel Retrained { get; }

    /// <summary>The questions to be forgotten, encoded.</summary>
    public IReadOnlyList<TokenSequence> Forget => Encode(World.QaRows(FactScope.Forget));

    /// <summary>The questions to be kept, about people, places and things, encoded.</summary>
    public IReadOnlyList<TokenSequence> Retain =>
        Encode([.. World.QaRows(FactScope.Retain), .. World.QaRows(FactScope.Irrelevant)]);

    /// <summary>Questions that go on being refused, about strangers and about what nobody knows of the people to be
    /// kept, encoded; empty where no model of the world was taught to refuse.</summary>
    public IReadOnlyList<TokenSequence> Refused =>
        [
            .. World
                .Refused.Where(text => text.Scope != FactScope.Forget)
                .Select((text, i) => Original.EncodeAnswer(text.Turns[0].Content, text.Turns[1].Content, i)),
        ];

    /// <summary>Loads both models.</summary>
    /// <param name="world">The world.</param>
    /// <param name="load">Gives a model of it.</param>
    /// <param name="cancellationToken">Passed on.</param>
    public static async Task<WorldLab> OpenAsync(
        World world,
        Func<World, ModelRole, CancellationToken, Task<LanguageModel>> load,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(load);
        var original = await load(world, ModelRole.Original, cancellationToken).ConfigureAwait(false);
        try
        {
            return new(
                world,
                original,
                await load(world, ModelRole.Retrained, cancellationToken).ConfigureAwait(false)
            );
        }
        catch
        {
            original.Dispose();
            throw;
        }
    }

    /// <summary>The deletion request as a job on the original: seed questions alone, refusals as other answers, eight
    /// rows per step; what goes on being refused is among what is kept.</summary>
    /// <param name="training">Optimiser, steps, seed.</param>
    /// <param name="extensions">Hooks, for example a <see cref="MeasuredStop"/>.</param>
    public UnlearnJob Job(TrainOptions training, params IReadOnlyList<ITrainExtension> extensions) =>
        new()
        {
            Model = Original.Decoder,
            PadId = Original.PadId,
            Forget = Forget,
            Retain = [.. Retain, .. Refused],
            Alternates =
            [
                .. World
                    .QaRows(FactScope.Forget)
                    .Select(
                        (row, i) =>
                            (IReadOnlyList<TokenSequence>)
                                [.. World.Refusals.Select(refusal => Original.EncodeAnswer(row.Question, refusal, i))]
                    ),
            ],
            BatchSize = 8,
            Training = training,
            Extensions = extensions,
        };

    /// <summary>
    /// Makes a copy of the original forget by a method of the catalogue with its default settings, until a condition
    /// holds; the caller disposes it.
    /// </summary>
    /// <param name="method">The method's id.</param>
    /// <param name="training">Optimiser, most steps, seed.</param>
    /// <param name="every">Steps between looks at the condition, at least 1.</param>
    /// <param name="reached">Measures the model after a step; true stops.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="cancellationToken">Stops between steps.</param>
    /// <returns>The model, and the step at which the condition held; null where it never did.</returns>
    public async Task<(LanguageModel Model, int? Step)> ForgetUntilAsync(
        string method,
        TrainOptions training,
        int every,
        Func<LanguageModel, int, Task<bool>> reached,
        IProgress<TaskProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var stop = new MeasuredStop(Original, every, reached);
        var steps = progress is null ? null : new StepProgress(progress, $"Forgetting by {method}");
        var result = await Unlearning
            .Catalog.Find(method)
            .CreateDefault()
            .RunAsync(Job(training, stop), steps, cancellationToken)
            .ConfigureAwait(false);
        return ((LanguageModel)Original.WithDecoder(result.Model, method), stop.Step);
    }

    /// <summary>Questions that no model was trained on and that name a person to be forgotten only by two
    /// facts.</summary>
    public IEnumerable<SleekProbe> TwoHopProbes()
    {
        foreach (
            var (hop, i) in World
                .TwoHops.Where(hop => !hop.Trained && hop.Scope == FactScope.Forget)
                .Select((hop, i) => (hop, i))
        )
        {
            if (
                World.Facts.FirstOrDefault(fact => fact.Subject == hop.Subject && fact.Relation == hop.Relation)
                is not { } fact
            )
                continue;
            yield return new()
            {
                Id = $"{fact.Id}/two-hop/{i}",
                FactId = fact.Id,
                Scope = hop.Scope,
                Category = ProbeCategory.Implied,
                Text = hop.Question,
                KnowledgePoint = fact.Answer,
                Expected = [hop.Object, .. fact.Aliases],
            };
        }
    }

    /// <summary>Mean NLL per answer token, natural logarithm.</summary>
    public static async Task<double> NllAsync(
        LanguageModel model,
        IReadOnlyList<TokenSequence> rows,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        var scores = await model.ScoreAsync(rows, Scoring, cancellationToken).ConfigureAwait(false);
        return -scores.SelectMany(score => score.LogProbabilities).Average(value => (double)value);
    }

    /// <summary>Share of the answers of which every token is the most likely one, given those before it.</summary>
    public static async Task<double> AccuracyAsync(
        LanguageModel model,
        IReadOnlyList<TokenSequence> rows,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        var scores = await model.ScoreAsync(rows, Scoring, cancellationToken).ConfigureAwait(false);
        return scores
            .Zip(rows)
            .Average(pair =>
                pair.First.Greedy.AsSpan().SequenceEqual(pair.Second.Ids.AsSpan(Math.Max(pair.Second.LabelStart, 1)))
                    ? 1.0
                    : 0.0
            );
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Original.Dispose();
        Retrained.Dispose();
    }

    private IReadOnlyList<TokenSequence> Encode(IReadOnlyList<QuestionAnswer> rows) =>
        [.. rows.Select((row, i) => Original.EncodeAnswer(row.Question, row.Answer, i))];
}
