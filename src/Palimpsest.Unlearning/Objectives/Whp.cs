namespace Palimpsest.Unlearning;

/// <summary>Settings of Who's Harry Potter.</summary>
public sealed record WhpOptions
{
    private const int DefaultBlock = 256;
    private const double DefaultPenalty = 5;

    /// <summary>How much of what the reinforced model favours is taken off (α), in [0, 1000]; 0 leaves the anchors
    /// alone.</summary>
    public double Strength
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1000);
    } = 5;

    /// <summary>Compares log-probabilities, so that a constant between the two models' logits does not count; the
    /// published form compares raw logits.</summary>
    public bool ComparesLogProbabilities { get; init; }

    /// <summary>Leaves the weights as they are and takes the logits off while decoding, with the reinforced model
    /// beside the original.</summary>
    public bool AtDecoding { get; init; }

    /// <summary>Passes over the text of the reinforced model, at least 1; 3 unless given.</summary>
    public int? ReinforcedEpochs
    {
        get;
        init => field = value is { } epochs ? Require.AtLeast(epochs, 1, nameof(ReinforcedEpochs)) : null;
    }

    /// <summary>Learning rate of the reinforced model, in (0, 1]; three times that of the training
    /// unless given.</summary>
    public double? ReinforcedLearningRate
    {
        get;
        init => field = value is { } rate ? Require.InRange(rate, above: 0, atMost: 1) : null;
    }

    /// <summary>Tokens of a block, within which a term is forgotten once, at least 2; longer rows are cut.</summary>
    public int BlockTokens
    {
        get;
        init => field = Require.AtLeast(value, 2);
    } = DefaultBlock;

    /// <summary>Tokens of each generic distribution that are learnt, at least 1: 1 learns the likeliest token alone, as
    /// published; more learn their shares.</summary>
    public int LabelTokens
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 1;

    /// <summary>What the logits of a stand-in's first token lose once it has come in a block, in [0, 1000].</summary>
    public double StandInPenalty
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1000);
    } = DefaultPenalty;

    /// <summary>How logits are composed.</summary>
    internal WhpComposerOptions Composition =>
        new() { Strength = Strength, ComparesLogProbabilities = ComparesLogProbabilities };

    /// <summary>Refuses settings that the form does not read.</summary>
    /// <exception cref="InputException">One is set.</exception>
    internal void RequireUsed()
    {
        if (!AtDecoding)
            return;
        if (LabelTokens != 1 || BlockTokens != DefaultBlock || StandInPenalty != DefaultPenalty)
            throw new InputException(
                "whp: label-tokens, block-tokens and stand-in-penalty are of labels; at decoding there are none."
            );
        if (ReinforcedEpochs is not null || ReinforcedLearningRate is not null)
            throw new InputException(
                "whp: at decoding the reinforced model is all that is trained, with the training's own epochs and "
                    + "learning rate; reinforced-epochs and reinforced-learning-rate have no effect."
            );
    }
}

/// <summary>Learns what a model without the text would say: the mean of the cross-entropy to one generic token, or
/// mean_B mean_t KL(q_t ‖ p_t) to generic distributions. Eldan and Russinovich 2023, arXiv:2310.02238.</summary>
/// <remarks>Inputs are the text itself. Single tokens are averaged over the batch's labelled tokens, distributions over
/// each row's and then over rows, as in causal_unlearn.</remarks>
/// <param name="labels">What is learnt, by row.</param>
public sealed class Whp(GenericLabels labels) : IForgetObjective
{
    /// <inheritdoc/>
    public ForgetNeeds Needs => ForgetNeeds.ForgetLogits;

    /// <inheritdoc/>
    public string Fingerprint => $"{nameof(Whp)} {labels.Fingerprint}";

    /// <inheritdoc/>
    public Tensor Loss(ForgetStep step)
    {
        using var scope = NewDisposeScope();
        var forget = step.ForgetRows;
        var logits = forget.RequiredLogits; // [B, T, V]
        var width = logits.shape[1];
        var (places, weights, ids, shares) = (new List<long>(), new List<float>(), new List<long>(), new List<float>());
        var rows = forget.Tokens.Rows.Select(row => labels.Rows[row]).ToArray();
        var all = rows.Sum(row => row.Positions.Count);
        for (var i = 0; i < rows.Length; i++)
        {
            places.AddRange(rows[i].Positions.Select(position => i * width + position));
            var weight = labels.PerToken == 1 ? 1f / all : 1f / (rows.Length * rows[i].Positions.Count);
            weights.AddRange(rows[i].Positions.Select(_ => weight));
            ids.AddRange(rows[i].Ids.Select(id => (long)id));
            shares.AddRange(rows[i].Shares);
        }

        var device = logits.device;
        var likely = logits
            .reshape(-1, logits.shape[2])
            .index_select(0, tensor(places, device: device))
            .log_softmax(-1)
            .gather(1, tensor(ids, [all, labels.PerToken], device: device)); // [N, k]
        var share = tensor(shares, [all, labels.PerToken], device: device);
        var divergence = (share.xlogy(share) - share * likely).sum(-1); // [N]
        return (divergence * tensor(weights, device: device)).sum().MoveToOuterDisposeScope();
    }
}
