namespace Palimpsest.Training;

/// <summary>
/// Token-mean negative log-likelihood over the labelled tokens of the <c>train</c> batch; for models with experts, plus
/// a weighted <see cref="ExpertBalance"/> over its real tokens.
/// </summary>
/// <param name="options">Settings; the likelihood alone by default.</param>
public sealed class NextTokenLoss(NextTokenLossOptions? options = null) : IObjective
{
    private readonly double _balance = options?.ExpertBalance ?? 0;

    /// <inheritdoc/>
    /// <exception cref="InputException">Experts are to be balanced in a model that has none.</exception>
    public Tensor Loss(CausalLM model, StepBatches batches, TrainStep step)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var scope = NewDisposeScope();
        var batch = batches[StepBatches.Train];
        if (_balance == 0)
            return TokenNll.BatchTokenMean(TokenNll.PerToken(model, batch), batch.LabelMask).MoveToOuterDisposeScope();
        if (model.Config.Experts is null)
            throw new InputException(
                $"ExpertBalance is {_balance}, but a {model.Config.Family} model has no experts; allowed is 0."
            );
        var output = model.Forward(
            new()
            {
                TokenIds = batch.Ids,
                AttentionMask = batch.AttentionMask,
                AnswerMask = batch.LabelMask,
                Flags = batch.Flags,
                Logits = LogitsFor.None,
            }
        );
        var likelihood = TokenNll.BatchTokenMean(TokenNll.FromHidden(model, batch, output.Hidden), batch.LabelMask);
        return (
            likelihood + _balance * ExpertBalance.Loss(output.Routers, batch.AttentionMask)
        ).MoveToOuterDisposeScope();
    }
}
