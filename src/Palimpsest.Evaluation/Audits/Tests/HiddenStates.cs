namespace Palimpsest.Evaluation;

/// <summary>Reads hidden states of a model's blocks for tests that look inside.</summary>
internal static class HiddenStates
{
    private const int BatchSize = 32;

    /// <summary>
    /// For every block, e^(−mean NLL) of each sequence's labelled tokens when the blocks after it are left out: final
    /// norm and head read its output. The last row is the model itself.
    /// </summary>
    /// <returns>[layers][sequences].</returns>
    public static double[][] LensProbabilities(
        CausalLM decoder,
        int padId,
        IReadOnlyList<TokenSequence> sequences,
        CancellationToken cancellationToken
    )
    {
        var layers = decoder.Config.Layers;
        var result = Enumerable.Range(0, layers).Select(_ => new double[sequences.Count]).ToArray();
        foreach (var rows in Enumerable.Range(0, sequences.Count).Chunk(BatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            using var batch = TokenBatch.Collate([.. rows.Select(i => sequences[i])], padId, device: decoder.Device);
            using var recorder = BlockOutputs(decoder.Config);
            var last = Forward(decoder, batch.Ids, batch.AttentionMask, recorder);
            for (var layer = 0; layer < layers; layer++)
            {
                using var step = NewDisposeScope();
                var hidden = layer == layers - 1 ? last : decoder.LensHidden(recorder[layer, TapPoint.BlockOutput]);
                var nll = TokenNll.SequenceMean(TokenNll.FromHidden(decoder, batch, hidden), batch.LabelMask);
                var values = nll.neg().exp().to(ScalarType.Float64).cpu().data<double>().ToArray();
                foreach (var (row, value) in rows.Zip(values))
                    result[layer][row] = value;
            }
        }

        return result;
    }

    /// <summary>Every block's output at the last token of each prompt; the caller disposes them.</summary>
    /// <returns>One tensor [N, D] float64 on the CPU per block.</returns>
    public static Tensor[] AtLastToken(
        CausalLM decoder,
        IReadOnlyList<int[]> prompts,
        CancellationToken cancellationToken
    )
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var layers = decoder.Config.Layers;
        var rows = Enumerable.Range(0, layers).Select(_ => new List<Tensor>()).ToArray();
        foreach (var prompt in prompts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var recorder = BlockOutputs(decoder.Config);
            var ids = tensor(prompt.Select(id => (long)id).ToArray(), [1, prompt.Length], device: decoder.Device);
            Forward(decoder, ids, null, recorder);
            for (var layer = 0; layer < layers; layer++)
                rows[layer]
                    .Add(recorder[layer, TapPoint.BlockOutput][0, prompt.Length - 1].cpu().to(ScalarType.Float64));
        }

        return [.. rows.Select(of => stack(of).MoveToOuterDisposeScope())];
    }

    private static Tensor Forward(CausalLM decoder, Tensor ids, Tensor? mask, ActivationRecorder recorder)
    {
        using var attached = decoder.Attach(recorder);
        return decoder.Forward(Input(ids, mask)).Hidden;
    }

    /// <summary>A pass that gives hidden states alone.</summary>
    public static ForwardInput Input(Tensor ids, Tensor? mask) =>
        new()
        {
            TokenIds = ids,
            AttentionMask = mask,
            Logits = LogitsFor.None,
        };

    /// <summary>A recorder of every block's output.</summary>
    public static ActivationRecorder BlockOutputs(DecoderConfig config) =>
        new([.. Enumerable.Range(0, config.Layers).Select(layer => new TapSite(layer, TapPoint.BlockOutput))]);
}
