namespace Palimpsest.Unlearning;

/// <summary>
/// Begins an adapter with what the forget rows need most and the retain rows least: BA is the low-rank part of W whose
/// rows are weighted by their relative importance, and the base gives it up. Cha et al. 2024, arXiv:2408.06621 (FILA).
/// </summary>
/// <remarks>
/// R = (F_f / c_f) / (10⁻⁵ + F_r / c_r), d = √(Σ_in R), diag(d) W ≈ U S Vᵀ of rank r; A = √(S/s) Vᵀ,
/// B = diag(1 / (d + 10⁻⁵)) U √(S/s). The decomposition is exact where the smaller side is at most 2048, else by
/// four rounds of subspace iteration from a seeded start.
/// </remarks>
public sealed class FilaInitializer : IAdapterInitializer, IDisposable
{
    private const double Least = 1e-5;
    private const int ExactSide = 2048;
    private const int Rounds = 4;
    private const int Spare = 8;
    private readonly Dictionary<string, Tensor> _rows;

    private FilaInitializer(Dictionary<string, Tensor> rows, int batchSize) =>
        (_rows, Description) = (rows, FormattableString.Invariant($"FILA over batches of {batchSize}"));

    /// <inheritdoc/>
    public string Description { get; }

    /// <inheritdoc/>
    public bool ChangesBase => true;

    /// <summary>Measures the importance of every projection of the blocks in one pass over the forget rows, each batch
    /// with as many retain rows beside it.</summary>
    /// <param name="job">Model and rows; the model is left as it is.</param>
    /// <param name="batchSize">Rows per gradient, at least 1.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>The caller disposes it.</returns>
    /// <exception cref="InputException">There are no retain rows, or weights are held quantised.</exception>
    public static FilaInitializer Measure(UnlearnJob job, int batchSize, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        Require.AtLeast(batchSize, 1, nameof(batchSize));
        if (job.Retain.Count == 0)
            throw new InputException("FILA weighs forget rows against retain rows; there is no retain row.");
        job.Model.RequireDense("FILA");
        var source = new ForgetBatchSource(
            job with
            {
                BatchSize = batchSize,
            },
            readsRetain: true,
            readsAlternates: false
        );
        return Measure(
            job.Model,
            Enumerable.Range(0, source.BatchesPerEpoch).Select(index => source.Batch(index)),
            batchSize,
            cancellationToken
        );
    }

    /// <summary>Takes row weights d [Out] by weights' names.</summary>
    internal static FilaInitializer Of(Dictionary<string, Tensor> rows) => new(rows, batchSize: 1);

    /// <summary>The row weights d [Out] of a weight.</summary>
    internal Tensor Rows(string name) => _rows[name];

    /// <summary>Measures over batches at hand, which are disposed.</summary>
    internal static FilaInitializer Measure(
        CausalLM original,
        IEnumerable<StepBatches> batches,
        int batchSize,
        CancellationToken cancellationToken
    )
    {
        using var model = original.Clone();
        foreach (var parameter in model.parameters())
            parameter.requires_grad_(false);
        var names = model
            .Projections.Where(projection => projection.Layer is not null)
            .Select(projection => $"{projection.Path}.weight")
            .ToHashSet(StringComparer.Ordinal);
        ParameterRef[] weights = [.. model.ParameterRefs.Where(weight => names.Contains(weight.Name))];
        foreach (var weight in weights)
            weight.Storage.requires_grad_(true);
        using FisherImportance forget = new(),
            retain = new();
        foreach (var step in batches)
        {
            using var batch = step;
            cancellationToken.ThrowIfCancellationRequested();
            forget.Add(model, batch[StepBatches.Forget], weights);
            retain.Add(model, batch[StepBatches.Retain], weights);
        }

        return new(
            weights.ToDictionary(weight => weight.Name, weight => RowWeights(forget, retain, weight)),
            batchSize
        );
    }

    /// <summary>d [Out] float32, at least 10⁻⁵: a row that no forget row needs would else be divided by
    /// nothing.</summary>
    private static Tensor RowWeights(FisherImportance forget, FisherImportance retain, ParameterRef weight)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        if (!forget.Has(weight.Name) || !retain.Has(weight.Name)) // an expert to which no token was sent
            return full(weight.RowCount, Least).DetachFromDisposeScope();
        var relative = forget.Mean(weight.Name) / (retain.Mean(weight.Name) + Least);
        return relative.sum(1).sqrt().clamp_min(Least).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    /// <exception cref="InputException">The projection is not one of the blocks'.</exception>
    public (Tensor Down, Tensor Up) Start(ProjectionRef target, int rank, double scale, SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(random);
        if (!_rows.TryGetValue($"{target.Path}.weight", out var rows))
            throw new InputException($"FILA: {target.Path} is no projection of a block; its importance is not known.");
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var weighted = target.Weight().cpu() * rows.unsqueeze(1);
        var (left, values, right) = Decompose(weighted, rank, random);
        var root = (values / scale).sqrt();
        var down = root.unsqueeze(1) * right;
        var up = left * root / (rows + Least).unsqueeze(1);
        return (down.contiguous().MoveToOuterDisposeScope(), up.contiguous().MoveToOuterDisposeScope());
    }

    /// <summary>U [m, r], S [r], Vᵀ [r, n] of the best rank r.</summary>
    private static (Tensor Left, Tensor Values, Tensor Right) Decompose(Tensor matrix, int rank, SeededRandom random)
    {
        if (Math.Min(matrix.shape[0], matrix.shape[1]) <= ExactSide)
            return Truncated(matrix, rank);
        var width = Math.Min(rank + Spare, matrix.shape[1]);
        var values = new float[matrix.shape[1] * width];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)(random.Unit() - 0.5);
        var basis = linalg.qr(mm(matrix, tensor(values, [matrix.shape[1], width]))).Q;
        for (var round = 0; round < Rounds; round++)
            basis = linalg.qr(mm(matrix, mm(matrix.t(), basis))).Q;
        var (left, singular, right) = Truncated(mm(basis.t(), matrix), rank);
        return (mm(basis, left), singular, right);
    }

    private static (Tensor Left, Tensor Values, Tensor Right) Truncated(Tensor matrix, int rank)
    {
        var (left, values, right) = linalg.svd(matrix, fullMatrices: false);
        return (left.narrow(1, 0, rank), values.narrow(0, 0, rank), right.narrow(0, 0, rank));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var row in _rows.Values)
            row.Dispose();
    }
}
