namespace Palimpsest.Evaluation;

/// <summary>What a model loses of answers when another model's hidden states take the place of its own: Δ_l = mean_t
/// [log p(y_t) − log p(y_t | block l's output is the other's where y_t is predicted)].</summary>
/// <remarks>
/// The rest of the model, blocks after l included, stays. States from a model that knows the answers as well cost
/// nothing; states from one that never saw them take away what block l and those before it had found. Depth of
/// unlearning by patching: see arXiv:2506.09227.
/// </remarks>
public static class ActivationPatching
{
    private const int BatchSize = 32;

    /// <summary>Whether one model's hidden states can take the place of the other's: as many blocks, as wide, and the
    /// same number of token ids.</summary>
    public static bool Fits(DecoderConfig receiver, DecoderConfig source)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        ArgumentNullException.ThrowIfNull(source);
        return (receiver.Layers, receiver.HiddenSize, receiver.VocabularySize)
            == (source.Layers, source.HiddenSize, source.VocabularySize);
    }

    /// <summary>Δ_l of each sequence's labelled tokens, in nats per token; negative where the other's states do
    /// better.</summary>
    /// <param name="receiver">The model that answers.</param>
    /// <param name="source">The model that the states are from.</param>
    /// <param name="padId">Fills up sequences.</param>
    /// <param name="sequences">Each with at least one labelled token.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>[layers][sequences].</returns>
    /// <exception cref="ArgumentException">The models differ in blocks, width or vocabulary.</exception>
    public static double[][] Losses(
        CausalLM receiver,
        CausalLM source,
        int padId,
        IReadOnlyList<TokenSequence> sequences,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(receiver);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(sequences);
        if (!Fits(receiver.Config, source.Config))
            throw new ArgumentException("The models differ in blocks, width or vocabulary.", nameof(source));
        var result = Enumerable.Range(0, receiver.Config.Layers).Select(_ => new double[sequences.Count]).ToArray();
        var order = Enumerable.Range(0, sequences.Count).OrderBy(i => sequences[i].Ids.Length);
        foreach (var rows in order.Chunk(BatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            using var batch = TokenBatch.Collate([.. rows.Select(i => sequences[i])], padId, device: receiver.Device);
            using var states = HiddenStates.BlockOutputs(source.Config);
            using (source.Attach(states))
                source.Forward(HiddenStates.Input(batch.Ids, batch.AttentionMask));
            var whole = Nll(receiver, batch);
            for (var layer = 0; layer < result.Length; layer++)
            {
                using var step = NewDisposeScope();
                using var patch = receiver.Attach(new Patch(layer, states[layer, TapPoint.BlockOutput], batch));
                foreach (
                    var (row, loss) in rows.Zip(Nll(receiver, batch).Zip(whole, (with, without) => with - without))
                )
                    result[layer][row] = loss;
            }
        }

        return result;
    }

    // Mean NLL of each row's labelled tokens.
    private static double[] Nll(CausalLM model, TokenBatch batch)
    {
        using var scope = NewDisposeScope();
        var nll = TokenNll.SequenceMean(TokenNll.PerToken(model, batch), batch.LabelMask);
        return nll.to(ScalarType.Float64).cpu().data<double>().ToArray();
    }

    /// <summary>Puts another model's states where labelled tokens are predicted.</summary>
    internal sealed class Patch(int layer, Tensor states, TokenBatch batch) : ITap
    {
        public IReadOnlyList<TapSite> Sites => [new(layer, TapPoint.BlockOutput)];

        public Tensor Apply(Tensor activation, in TapContext context)
        {
            using var scope = NewDisposeScope();
            var predicts = batch.LabelMask.roll(-1, 1); // [B, T]; position 0 is never labelled
            return where(predicts.unsqueeze(-1), states, activation).MoveToOuterDisposeScope();
        }
    }
}
