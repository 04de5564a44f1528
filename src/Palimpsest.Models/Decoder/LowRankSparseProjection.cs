using TorchSharp.Modules;

namespace Palimpsest.Models;

/// <summary>Settings of a <see cref="LowRankSparseProjection"/>.</summary>
public sealed record LostOptions
{
    /// <summary>Rank r of the low-rank part, at least 0; 0 leaves it out.</summary>
    public int Rank
    {
        get;
        init => field = Require.AtLeast(value, 0);
    } = 128;

    /// <summary>Share of the input channels that are full columns, in [0, 1]: k = round(share · In).</summary>
    public double ColumnShare
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1);
    } = 0.03;

    /// <summary>Weight γ of the low-rank part, in [0, 1]; the columns have 1 − γ.</summary>
    public double LowRankWeight
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1);
    } = 0.7;

    /// <summary>What the columns start as.</summary>
    public LostColumns Columns { get; init; }

    /// <summary>Where the activation is.</summary>
    public LostActivation Activation { get; init; }
}

/// <summary>
/// A low-rank product and a few full columns: y = γ·φ(x Aᵀ) Bᵀ + (1 − γ)·x_I W_sᵀ + b. B A is the best
/// rank-r approximation of the dense weight W₀; I are the input channels with the largest residual
/// ‖(W₀ − B A)_j‖₂, fixed from then on. Li et al. 2025, arXiv:2508.02668.
/// </summary>
/// <remarks>Maps that are held fused (query, key and value; gate and up) are each taken apart by themselves. The
/// published description leaves γ, φ and the start of W_s open; each is a setting.</remarks>
public sealed class LowRankSparseProjection : Projection
{
    private readonly LostOptions _options;
    private readonly IReadOnlyList<Part> _parts;

    private LowRankSparseProjection(
        string name,
        long width,
        LostOptions options,
        IReadOnlyList<Part> parts,
        Parameter? bias
    )
        : base(name, width, parts.Sum(part => part.Rows), bias)
    {
        (_options, _parts) = (options, parts);
        foreach (var (parameter, value) in Parameters)
            register_parameter(parameter.Replace('.', '_'), value);
        foreach (var (buffer, value) in Buffers)
            register_buffer(buffer.Replace('.', '_'), value);
        if (bias is not null)
            register_parameter("bias", bias);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, Parameter Value)> Parameters =>
        [
            .. _parts.SelectMany(
                (part, i) =>
                    new (string Name, Parameter? Value)[]
                    {
                        ($"part_{i}.down", part.Down),
                        ($"part_{i}.up", part.Up),
                        ($"part_{i}.columns", part.Columns),
                    }
                        .Where(parameter => parameter.Value is not null)
                        .Select(parameter => (parameter.Name, parameter.Value!))
            ),
        ];

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, Tensor Value)> Buffers =>
        [.. _parts.Select((part, i) => ($"part_{i}.channels", part.Channels))];

    /// <inheritdoc/>
    public override string HeldAs => "as low-rank factors and columns";

    /// <inheritdoc/>
    public override string? WhyNoWeight =>
        _options.Activation == LostActivation.None ? null : "has an activation within and is no matrix";

    /// <summary>Replaces every attention and MLP projection of a model's blocks; the router, embeddings, norms and head
    /// stay. Everything can be trained on.</summary>
    /// <param name="model">Its dense weights are W₀.</param>
    /// <param name="options">Settings.</param>
    /// <param name="progress">Told after each projection.</param>
    /// <param name="cancellationToken">Stops between projections; those before it are replaced.</param>
    /// <exception cref="InputException">The rank is above a side of a projection.</exception>
    public static void Replace(
        CausalLM model,
        LostOptions options,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        var targets = model.Projections.Where(IsReplaced).ToArray();
        foreach (var target in targets)
        {
            var most = Math.Min(target.RowCount, target.Projection.InFeatures);
            if (options.Rank > most)
                throw new InputException($"Rank is {options.Rank}; {target.Path} allows 0 to {most}.");
        }

        var rows = targets
            .GroupBy(target => target.Slot)
            .ToDictionary(group => group.Key.Projection, group => group.Select(target => target.RowCount).ToArray());
        model.ReplaceProjections(dense => Of(dense, rows[dense], options), IsReplaced, progress, cancellationToken);
    }

    /// <summary>Takes a dense projection apart.</summary>
    /// <param name="dense">W₀ and the bias, which is taken over.</param>
    /// <param name="rows">Outputs of each map that it computes; they add up to all.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="ArgumentException">The rows do not add up, or the rank is above a side.</exception>
    public static LowRankSparseProjection Of(LinearProjection dense, IReadOnlyList<long> rows, LostOptions options)
    {
        ArgumentNullException.ThrowIfNull(dense);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        if (rows.Sum() != dense.OutFeatures || rows.Any(count => options.Rank > Math.Min(count, dense.InFeatures)))
            throw new ArgumentException(
                $"Maps of {string.Join(" + ", rows)} rows at rank {options.Rank} do not fit {dense.OutFeatures} x "
                    + $"{dense.InFeatures}.",
                nameof(rows)
            );
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var parts = new List<Part>();
        long next = 0;
        foreach (var count in rows)
        {
            parts.Add(Part.Of(dense.Weight.narrow(0, next, count), options));
            next += count;
        }

        return new(dense.GetName(), dense.InFeatures, options, parts, dense.Bias);
    }

    /// <inheritdoc/>
    public override Tensor BaseWeight(long rowStart, long rowCount)
    {
        if (WhyNoWeight is { } why)
            throw new InputException($"{GetName()} {why}.");
        using var scope = NewDisposeScope();
        return cat(_parts.Select(part => part.Weight(InFeatures, _options.LowRankWeight)).ToArray(), 0)
            .narrow(0, rowStart, rowCount)
            .MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Projection Clone(Parameter? bias)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        return new LowRankSparseProjection(
            GetName(),
            InFeatures,
            _options,
            [.. _parts.Select(part => part.Copy())],
            bias
        );
    }

    /// <inheritdoc/>
    protected override Tensor Linear(Tensor input)
    {
        using var scope = NewDisposeScope();
        var outputs = _parts.Select(part => part.Output(input, _options)).ToArray();
        var sum = outputs.Length == 1 ? outputs[0] : cat(outputs, -1);
        if (_options.Activation == LostActivation.AfterSum)
            sum = nn.functional.silu(sum);
        return (Bias is null ? sum : sum + Bias).MoveToOuterDisposeScope();
    }

    private static bool IsReplaced(ProjectionRef projection) =>
        projection is { Layer: not null, Component: ModelComponent.Attention or ModelComponent.Mlp };

    /// <summary>One map: A [r, In], B [Rows, r], W_s [Rows, k], I [k].</summary>
    private sealed record Part(long Rows, Parameter? Down, Parameter? Up, Parameter? Columns, Tensor Channels)
    {
        public static Part Of(Tensor weight, LostOptions options)
        {
            var dense = weight.cpu().to(ScalarType.Float64);
            var (rows, width) = (dense.shape[0], dense.shape[1]);
            var (left, values, right) = linalg.svd(dense, fullMatrices: false);
            var roots = values.narrow(0, 0, options.Rank).sqrt();
            var up = left.narrow(1, 0, options.Rank) * roots; // [Rows, r]
            var down = roots.unsqueeze(1) * right.narrow(0, 0, options.Rank); // [r, In]
            var residual = dense - mm(up, down);
            var count = (int)Math.Round(options.ColumnShare * width, MidpointRounding.AwayFromZero);
            var channels = residual.square().sum([0]).topk(count).indexes.sort().Values;
            var start = options.Columns == LostColumns.Original ? dense : residual;
            Parameter? New(Tensor value) =>
                value.numel() == 0
                    ? null
                    : LoraTargets.NewParameter(value.to(ScalarType.Float32).contiguous().to(weight.device).alias());
            return new(
                rows,
                New(down),
                New(up),
                New(start.index_select(1, channels)),
                channels.to(weight.device).alias().DetachFromDisposeScope()
            );
        }

        public Tensor Output(Tensor input, LostOptions options)
        {
            Tensor? sum = null;
            if (Down is not null)
            {
                var inner = nn.functional.linear(input, Down);
                if (options.Activation == LostActivation.BetweenFactors)
                    inner = nn.functional.silu(inner);
                sum = nn.functional.linear(inner, Up!) * options.LowRankWeight;
            }

            if (Columns is null)
                return sum ?? zeros([.. input.shape[..^1], Rows], device: input.device);
            var chosen = nn.functional.linear(input.index_select(-1, Channels), Columns) * (1 - options.LowRankWeight);
            return sum is null ? chosen : sum + chosen;
        }

        public Tensor Weight(long width, double lowRankWeight)
        {
            var weight = Down is null ? zeros([Rows, width], device: Channels.device) : mm(Up!, Down) * lowRankWeight;
            return Columns is null ? weight : weight.index_add(1, Channels, Columns * (1 - lowRankWeight), 1);
        }

        public Part Copy()
        {
            static Parameter? New(Parameter? value) =>
                value is null ? null : LoraTargets.NewParameter(value.detach().clone());
            return new(Rows, New(Down), New(Up), New(Columns), Channels.clone().DetachFromDisposeScope());
        }
    }
}
