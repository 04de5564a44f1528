namespace Palimpsest.Inference;

/// <summary>Several models that answer as one: their logits are composed at every token.</summary>
/// <remarks>It has no weights of its own. What was taken from its answers is still in the weights of its
/// models.</remarks>
public sealed class ComposedModel : GeneratingModel
{
    private readonly IReadOnlyList<IScoredModel> _models;
    private readonly ComposedSteps _scoring;

    /// <summary>Composes models.</summary>
    /// <param name="name">A short name for tables.</param>
    /// <param name="composer">Makes one model's logits of all.</param>
    /// <param name="models">As many as the composer takes, of one tokenizer; the result owns them unless
    /// <see cref="OwnsModels"/> says otherwise.</param>
    /// <exception cref="InputException">Not as many models as the composer takes, or their tokenizers
    /// differ.</exception>
    public ComposedModel(string name, ILogitComposer composer, params IReadOnlyList<IScoredModel> models)
        : base(
            name,
            First(name, composer, models).Tokenizer,
            new ComposedSteps([.. models.Select(model => model.Steps)], composer, LogitUse.Decoding),
            models[0].EndTokens,
            models[0].PadId
        )
    {
        _models = [.. models];
        _scoring = new([.. models.Select(model => model.Steps)], composer, LogitUse.Scoring);
    }

    /// <summary>Whether its models are disposed with it.</summary>
    public bool OwnsModels { get; init; } = true;

    /// <inheritdoc/>
    protected override IReadOnlyList<TokenScores> Score(
        IReadOnlyList<TokenSequence> sequences,
        ScoreOptions options,
        CancellationToken cancellationToken
    ) => StepScorer.Score(_scoring, PadId, sequences, options, cancellationToken);

    /// <inheritdoc/>
    protected override void Release()
    {
        foreach (var model in OwnsModels ? _models : [])
            model.Dispose();
    }

    private static IScoredModel First(string name, ILogitComposer composer, IReadOnlyList<IScoredModel> models)
    {
        ArgumentNullException.ThrowIfNull(composer);
        ArgumentNullException.ThrowIfNull(models);
        if (models.Count != composer.Models)
            throw new InputException(
                $"{name}: {composer.GetType().Name} composes {composer.Models} models; {models.Count} are given."
            );
        foreach (var model in models)
        {
            if (
                model.Steps.VocabularySize != models[0].Steps.VocabularySize
                || !SameTokens(model.Tokenizer, models[0].Tokenizer)
            )
                throw new InputException(
                    $"{name}: the models '{models[0].Name}' and '{model.Name}' have different tokenizers; their logits "
                        + $"cannot be composed."
                );
        }

        return models[0];
    }

    private static bool SameTokens(Tokenizer one, Tokenizer other) =>
        ReferenceEquals(one, other)
        || (
            one.VocabularySize == other.VocabularySize
            && Enumerable
                .Range(0, one.VocabularySize)
                .All(id => one.Decode([id], skipSpecialTokens: false) == other.Decode([id], skipSpecialTokens: false))
        );
}
