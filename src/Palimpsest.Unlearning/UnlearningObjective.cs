namespace Palimpsest.Unlearning;

/// <summary>Scores what an objective reads and nothing else; NLLs of the reference are read from a cache.</summary>
internal sealed class UnlearningObjective(
    IForgetObjective objective,
    ForgetOptions? options,
    CausalLM reference,
    float[] forgetReference,
    float[] alternateReference
) : IObjective, ITrainExtension
{
    private TrainStep _step;

    /// <summary>The method's id.</summary>
    public string Id { get; init; } = "";

    /// <summary>Makes the logits [B, T, V] that the objective sees of the model in training; null: its own.</summary>
    public Func<CausalLM, TokenBatch, Tensor>? ComposedLogits { get; init; }

    /// <summary>A term without state that is added, with its weight; null: none.</summary>
    public (IObjective Term, double Weight)? Extra { get; init; }

    string ITrainState.Fingerprint =>
        $"{Id} {objective.Fingerprint} {options}"
        + (Extra is { } extra ? FormattableString.Invariant($" {extra.Weight:r} {extra.Term.Fingerprint}") : "");

    IEnumerable<(string Name, Tensor Value)> ITrainState.State() => objective.State();

    void ITrainState.LoadState(Func<string, Tensor> read) => objective.LoadState(read);

    bool ITrainExtension.AfterStep(ITrainable model, TrainProgress progress)
    {
        objective.AfterStep(_step);
        return false;
    }

    /// <inheritdoc/>
    public Tensor Loss(CausalLM model, StepBatches batches, TrainStep step)
    {
        using var scope = NewDisposeScope();
        _step = step;
        var needs = objective.Needs;
        var byKl = options is { ReadsRetain: true, Retain: RetainTerm.Kl };
        var retain =
            batches.Find(StepBatches.Retain) is { } rows && options is not { Retain: RetainTerm.Hidden }
                ? Score(model, rows, byKl || needs.HasFlag(ForgetNeeds.RetainLogits), null, byKl)
                : null;
        var alternate = batches.Find(StepBatches.Alternate) is { } others
            ? Score(model, others, withLogits: false, alternateReference)
            : null;
        var forget =
            options is { ForgetWeight: 0 } || (needs & (ForgetNeeds.Forget | ForgetNeeds.ForgetLogits)) == 0
                ? null
                : Score(
                    model,
                    batches[StepBatches.Forget],
                    needs.HasFlag(ForgetNeeds.ForgetLogits),
                    forgetReference,
                    needs.HasFlag(ForgetNeeds.ForgetReferenceLogits)
                );
        var scored = new ForgetStep(forget, alternate, retain) { Position = step };
        if (objective.HiddenLayer(model.Config) is { } layer)
            scored = WithHidden(scored, model, batches, layer);
        var loss = UnlearningLoss.Of(objective, options, scored);
        if (Extra is { } extra)
            loss = loss + extra.Term.Loss(model, batches, step) * extra.Weight;
        return loss.MoveToOuterDisposeScope();
    }

    private ForgetStep WithHidden(ForgetStep scored, CausalLM model, StepBatches batches, int layer)
    {
        var (readsForget, readsRetain) = (
            objective.Needs.HasFlag(ForgetNeeds.ForgetHidden) && options is not { ForgetWeight: 0 },
            options is { ReadsRetain: true, Retain: RetainTerm.Hidden }
        );
        return scored with
        {
            ForgetHidden = readsForget ? Hidden(model, batches[StepBatches.Forget], layer, null) : null,
            RetainHidden = readsRetain ? Hidden(model, batches[StepBatches.Retain], layer, reference) : null,
        };
    }

    private static HiddenBatch Hidden(CausalLM model, TokenBatch batch, int layer, CausalLM? reference)
    {
        var states = HiddenStates(model, batch, layer);
        if (reference is null)
            return new(batch, states);
        using var grad = no_grad();
        return new(batch, states, HiddenStates(reference, batch, layer));
    }

    private static Tensor HiddenStates(CausalLM model, TokenBatch batch, int layer)
    {
        using var recorder = new ActivationRecorder(new TapSite(layer, TapPoint.BlockOutput));
        using (model.Attach(recorder))
            Forward(model, batch, LogitsFor.None);
        return recorder[layer, TapPoint.BlockOutput].alias();
    }

    /// <summary>NLL summed over each sequence's labelled tokens under a model, one per sequence.</summary>
    public static float[] SequenceNll(
        CausalLM model,
        IReadOnlyList<TokenSequence> sequences,
        int padId,
        int batchSize,
        CancellationToken cancellationToken
    )
    {
        using var grad = no_grad();
        var result = new float[sequences.Count];
        foreach (
            var rows in Enumerable.Range(0, sequences.Count).OrderBy(i => sequences[i].Ids.Length).Chunk(batchSize)
        )
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var batch = TokenBatch.Collate([.. rows.Select(i => sequences[i])], padId, device: model.Device);
            var nll = TokenNll.PerToken(model, batch).sum(-1).cpu().data<float>().ToArray();
            for (var i = 0; i < rows.Length; i++)
                result[rows[i]] = nll[i];
        }

        return result;
    }

    private ScoredBatch Score(
        CausalLM model,
        TokenBatch batch,
        bool withLogits,
        float[]? referenceNll,
        bool withReferenceLogits = true
    )
    {
        var known = referenceNll is { Length: > 0 }
            ? tensor(batch.Rows.Select(row => referenceNll[row]).ToArray(), device: model.Device)
            : null;
        if (!withLogits && ComposedLogits is null)
            return new(batch, TokenNll.PerToken(model, batch)) { ReferenceNll = known };
        var logits = ComposedLogits is { } composed ? composed(model, batch) : Logits(model, batch);
        var scored = ScoredBatch.FromLogits(batch, logits);
        if (!withLogits || !withReferenceLogits)
            return scored with { ReferenceNll = known };
        using var grad = no_grad();
        return scored with { ReferenceLogits = Logits(reference, batch), ReferenceNll = known };
    }

    /// <summary>Logits [B, T, V] of a batch's ids.</summary>
    public static Tensor Logits(CausalLM model, TokenBatch batch) => Forward(model, batch, LogitsFor.AllTokens).Logits!;

    private static ForwardOutput Forward(CausalLM model, TokenBatch batch, LogitsFor logits) =>
        model.Forward(
            new()
            {
                TokenIds = batch.Ids,
                AttentionMask = batch.AttentionMask,
                AnswerMask = batch.LabelMask,
                Flags = batch.Flags,
                HidesPadding = logits == LogitsFor.AllTokens,
                Logits = logits,
            }
        );
}
