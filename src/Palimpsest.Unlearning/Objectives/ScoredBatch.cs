namespace Palimpsest.Unlearning;

/// <summary>A batch with what models gave to it.</summary>
/// <param name="Tokens">Ids and masks [B, T].</param>
/// <param name="TokenNll">−log p of each labelled token [B, T] float32, 0 elsewhere, with gradient.</param>
public sealed record ScoredBatch(TokenBatch Tokens, Tensor TokenNll)
{
    /// <summary>NLL summed over each sequence under the reference model [B], or null.</summary>
    public Tensor? ReferenceNll { get; init; }

    /// <summary>Logits [B, T, V] float32 with gradient, or null.</summary>
    public Tensor? Logits { get; init; }

    /// <summary>Logits under the reference model [B, T, V] float32, or null.</summary>
    public Tensor? ReferenceLogits { get; init; }

    /// <summary>NLL summed over each sequence's labelled tokens [B].</summary>
    public Tensor SequenceNll => TokenNll.sum(-1);

    /// <summary>Labelled tokens of each sequence [B] float32.</summary>
    public Tensor SequenceCount => Tokens.LabelMask.sum(-1).to(ScalarType.Float32);

    /// <summary>Mean over all labelled tokens of the batch, scalar; long answers weigh more.</summary>
    public Tensor BatchTokenMean => TokenNll.sum() / Tokens.LabelMask.sum();

    internal Tensor RequiredReferenceNll =>
        ReferenceNll ?? throw new InvalidOperationException("The reference model's NLL was not scored.");

    internal Tensor RequiredLogits => Logits ?? throw new InvalidOperationException("The logits were not kept.");

    internal Tensor RequiredReferenceLogits =>
        ReferenceLogits ?? throw new InvalidOperationException("The reference model's logits were not kept.");

    /// <summary>Scores a batch from logits at hand.</summary>
    /// <param name="tokens">Ids and masks [B, T].</param>
    /// <param name="logits">[B, T, V] float32; position t predicts token t + 1.</param>
    /// <param name="referenceLogits">The same under the reference model, or null.</param>
    public static ScoredBatch FromLogits(TokenBatch tokens, Tensor logits, Tensor? referenceLogits = null) =>
        new(tokens, Nll(tokens, logits))
        {
            Logits = logits,
            ReferenceLogits = referenceLogits,
            ReferenceNll = referenceLogits is null ? null : Nll(tokens, referenceLogits).sum(-1).detach(),
        };

    /// <summary>One-token sequences with these NLLs.</summary>
    internal static ScoredBatch Of(ReadOnlySpan<double> nll, ReadOnlySpan<double> referenceNll)
    {
        var (rows, ids) = (nll.Length, zeros([nll.Length, 1], ScalarType.Int64));
        var mask = ones([rows, 1], ScalarType.Bool);
        return new(new(ids, mask, mask, [.. Enumerable.Range(0, rows)]), tensor(nll.ToArray(), [rows, 1]))
        {
            ReferenceNll = referenceNll.IsEmpty ? null : tensor(referenceNll.ToArray()),
        };
    }

    private static Tensor Nll(TokenBatch tokens, Tensor logits)
    {
        using var scope = NewDisposeScope();
        var width = tokens.Ids.shape[1];
        var all = Models.TokenNll.FromLogits(logits.narrow(1, 0, width - 1), tokens.Ids.narrow(1, 1, width - 1));
        var nll = where(tokens.LabelMask.narrow(1, 1, width - 1), all, 0f);
        return nn.functional.pad(nll, (1, 0)).MoveToOuterDisposeScope();
    }
}
