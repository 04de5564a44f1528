using TorchSharp.Modules;

namespace Palimpsest.Models;

/// <summary>
/// A low-rank adapter attached to a model: W' = W + s·B A, s = α/r, or α/√r when rank-stabilised. Hu et al. 2021,
/// arXiv:2106.09685; Kalajdzievski 2023, arXiv:2312.03732; Liu et al. 2024, arXiv:2402.09353 (DoRA).
/// </summary>
/// <remarks>Several adapters can be attached; those that are active add up. The base is frozen as long as one is
/// attached. Dispose detaches.</remarks>
public sealed class LoraAdapter : IModelAttachment, IDisposable
{
    private readonly IReadOnlyList<LoraLayer> _layers;
    private readonly IReadOnlyList<ReplacedWeight> _replaced;
    private List<(ProjectionRef Target, Tensor Original)>? _merged;
    private readonly IDisposable _freeze;
    private List<(ProjectionRef Target, Tensor Original)> _takenFrom = [];
    private int _mergeNumber;
    private bool _active = true;

    internal LoraAdapter(CausalLM model, string name, LoraWeights weights)
    {
        (Model, Name, Weights) = (model, name, weights);
        var (layers, replaced) = (_layers, _replaced) = (weights.Layers, weights.Replaced);
        _freeze = model.FreezeBase();
        foreach (var layer in layers)
            layer.Target.Add(layer);
        foreach (var module in replaced)
            module.Target.Add(module);
        model.Attachments.Add(this);
    }

    /// <summary>The model that carries it.</summary>
    public CausalLM Model { get; }

    /// <summary>Its name within the model.</summary>
    public string Name { get; }

    /// <summary>Its settings.</summary>
    public LoraOptions Options => Weights.Options;

    /// <summary>What it holds.</summary>
    internal LoraWeights Weights { get; }

    /// <summary>Whether the forward pass uses it.</summary>
    public bool Active
    {
        get => _active && _merged is null;
        set
        {
            _active = value;
            Switch();
        }
    }

    /// <summary>Whether its initializer has changed the base, so that it fits no other; the base is given back when the
    /// adapter goes.</summary>
    public bool ChangesBase => _takenFrom.Count > 0;

    /// <summary>Whether its update is in the base weights, see <see cref="Merge"/>.</summary>
    public bool IsMerged => _merged is not null;

    /// <summary>Its trainable weights under PEFT's names.</summary>
    public IReadOnlyList<ParameterRef> ParameterRefs =>
        [
            .. _layers.SelectMany(layer =>
                new (string Part, Parameter? Value)[]
                {
                    ("lora_A.weight", layer.Down),
                    ("lora_B.weight", layer.Up),
                    ("lora_magnitude_vector", layer.Magnitude),
                }
                    .Where(p => p.Value is not null)
                    .Select(p => Ref(layer.Target, p.Part, p.Value!))
            ),
            .. _replaced.Select(module => Ref(module.Target, "weight", module.Weight)),
        ];

    /// <inheritdoc/>
    public IEnumerable<(string Name, Parameter Value)> TrainableParameters =>
        ParameterRefs.Select(p => ($"{Name}:{p.Name}", p.Storage));

    /// <summary>Attaches a new adapter that does not change the model's output yet. Base weights are frozen.</summary>
    /// <param name="model">The base.</param>
    /// <param name="name">The adapter's name within the model.</param>
    /// <param name="options">Settings.</param>
    /// <param name="seed">Seed of its initial weights.</param>
    /// <param name="initializer">How it begins; null: as <see cref="PlainAdapterInitializer"/> says.</param>
    /// <exception cref="InputException">A target names no projection of the model, a rank is above its sides, or the
    /// initializer changes weights that are held quantised.</exception>
    public static LoraAdapter Attach(
        CausalLM model,
        string name,
        LoraOptions options,
        ulong seed,
        IAdapterInitializer? initializer = null
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        RequireFit(model, options);
        initializer ??= PlainAdapterInitializer.Instance;
        using var grad = no_grad();
        var random = new SeededRandom(seed);
        var targets = LoraTargets.Of(model, options);
        if (initializer.ChangesBase)
            RequireChangeable(targets, options, initializer);
        var layers = targets.Select(target => NewLayer(target, options, initializer, random, model.Device)).ToArray();
        var replaced = LoraTargets
            .Saved(model, options)
            .Select(target => new ReplacedWeight(target, LoraTargets.NewParameter(CopyOf(target))))
            .ToArray();
        var adapter = new LoraAdapter(model, name, new(options, layers, replaced));
        if (initializer.ChangesBase)
            adapter.TakeFromBase();
        return adapter;
    }

    /// <summary>Refuses settings of a new adapter that do not go with a model, before anything is allocated.</summary>
    /// <exception cref="InputException">A target names no projection of the model, or a rank is above the smaller side
    /// of a projection, where it costs memory and says nothing more.</exception>
    public static void RequireFit(CausalLM model, LoraOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        foreach (var target in LoraTargets.Of(model, options))
        {
            var (rank, rows, width) = (
                LoraTargets.Rank(options, target.Path),
                target.RowCount,
                target.Projection.InFeatures
            );
            if (rank > Math.Min(rows, width))
                throw new InputException(
                    $"Rank {rank} is above the sides of {target.Path}, [{rows}, {width}]; allowed are at most "
                        + $"{Math.Min(rows, width)}."
                );
        }
    }

    /// <inheritdoc/>
    public void CopyTo(CausalLM copy)
    {
        ArgumentNullException.ThrowIfNull(copy);
        using var grad = no_grad();
        var targets = copy.Projections.ToDictionary(p => p.Path);
        var layers = _layers
            .Select(layer => new LoraLayer(
                targets[layer.Target.Path],
                Copy(layer.Down),
                Copy(layer.Up),
                layer.Magnitude is { } m ? Copy(m) : null,
                LoraTargets.Scale(Options, layer.Target.Path)
            ))
            .ToArray();
        var replaced = _replaced
            .Select(module => new ReplacedWeight(targets[module.Target.Path], Copy(module.Weight)))
            .ToArray();
        var adapter = new LoraAdapter(copy, Name, new(Options, layers, replaced, Weights.Source));
        adapter._takenFrom = CopyOf(_takenFrom, targets) ?? [];
        // The copy's weights have the update in them where this model's have; taking it out gives what is under both.
        adapter._merged = CopyOf(_merged, targets);
        (adapter._mergeNumber, adapter._active) = (_mergeNumber, _active);
        adapter.Switch();
    }

    /// <summary>Adds the update to the base weights and makes the adapter inactive.</summary>
    /// <exception cref="InputException">A base weight is held quantised; saving the model writes the sum all the
    /// same. Or a routed delta is on one of the same weights, and would act on something else.</exception>
    public void Merge()
    {
        if (_merged is not null)
            return;
        CausalLM.RequireMergeable($"Merging '{Name}'", Weights.Deltas.Select(delta => delta.Target));
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var weights = Weights.Deltas.Select(d => (d.Target, d.Delta, Weight: d.Target.WritableWeight())).ToArray();
        _mergeNumber = 1 + Model.Attachments.OfType<LoraAdapter>().Max(other => other._mergeNumber);
        _merged = [];
        foreach (var (target, delta, weight) in weights)
        {
            _merged.Add((target, weight.clone().DetachFromDisposeScope()));
            weight.copy_(delta.Merge(weight));
        }

        Switch();
    }

    /// <summary>Takes a merged update out again, bit for bit.</summary>
    /// <exception cref="InputException">The base weights are held quantised by now.</exception>
    /// <exception cref="InvalidOperationException">Another adapter was merged into one of the same weights
    /// later.</exception>
    public void Unmerge()
    {
        if (_merged is null)
            return;
        var mine = _merged.Select(m => m.Target.Path).ToHashSet(StringComparer.Ordinal);
        if (
            Model
                .Attachments.OfType<LoraAdapter>()
                .FirstOrDefault(other =>
                    other._mergeNumber > _mergeNumber && other._merged!.Any(m => mine.Contains(m.Target.Path))
                ) is
            { } later
        )
        {
            throw new InvalidOperationException(
                $"Adapter '{later.Name}' was merged after '{Name}' into the same weights: unmerge it first."
            );
        }

        using var grad = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (target, original) in _merged)
        {
            target.WritableWeight().copy_(original);
            original.Dispose();
        }

        (_merged, _mergeNumber) = (null, 0);
        Switch();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (target, delta) in Weights.Deltas)
            target.Remove(delta);
        Model.Attachments.Remove(this);
        if (_merged is null)
            GiveBackToBase();
        foreach (var (_, original) in (_merged ?? []).Concat(_takenFrom))
            original.Dispose();
        _takenFrom = [];
        Weights.Dispose();
        _freeze.Dispose();
    }

    private static Parameter Copy(Parameter value) => LoraTargets.NewParameter(value.detach().clone());

    private static ParameterRef Ref(ProjectionRef target, string part, Parameter value) =>
        new(
            $"base_model.model.{target.Path}.{part}",
            value,
            0,
            value.shape[0],
            target.Layer,
            target.Component,
            target.Expert
        );

    private static LoraLayer NewLayer(
        ProjectionRef target,
        LoraOptions options,
        IAdapterInitializer initializer,
        SeededRandom random,
        Device device
    )
    {
        using var scope = NewDisposeScope();
        var rank = LoraTargets.Rank(options, target.Path);
        var (rows, width) = (target.RowCount, target.Projection.InFeatures);
        var scale = LoraTargets.Scale(options, target.Path);
        var (down, up) = initializer.Start(target, rank, scale, random);
        if (!down.shape.SequenceEqual([rank, width]) || !up.shape.SequenceEqual([rows, rank]))
            throw new InvalidOperationException(
                $"Initializer '{initializer.Description}' gave [{string.Join(", ", down.shape)}] and "
                    + $"[{string.Join(", ", up.shape)}] for {target.Path}; allowed are [{rank}, {width}] and "
                    + $"[{rows}, {rank}]."
            );
        return new(
            target,
            LoraTargets.NewParameter(down.to(device).alias()),
            LoraTargets.NewParameter(up.to(device).alias()),
            options.WeightDecomposed ? LoraTargets.NewParameter(RowNorms(target)) : null,
            scale
        );
    }

    private static void RequireChangeable(
        IEnumerable<ProjectionRef> targets,
        LoraOptions options,
        IAdapterInitializer initializer
    )
    {
        if (options.WeightDecomposed)
            throw new InputException(
                $"Initializer '{initializer.Description}' changes the base, on which a decomposed weight's magnitudes "
                    + "depend; allowed is one of the two."
            );
        foreach (var target in targets)
            target.WritableWeight().Dispose();
    }

    private void TakeFromBase()
    {
        using var scope = NewDisposeScope();
        foreach (var layer in _layers)
        {
            var weight = layer.Target.WritableWeight();
            _takenFrom.Add((layer.Target, weight.clone().DetachFromDisposeScope()));
            weight.sub_(mm(layer.Up, layer.Down) * LoraTargets.Scale(Options, layer.Target.Path));
        }
    }

    private void GiveBackToBase()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        foreach (var (target, original) in _takenFrom.Where(taken => taken.Target.Slot.IsDense))
            target.WritableWeight().copy_(original);
    }

    private static List<(ProjectionRef Target, Tensor Original)>? CopyOf(
        List<(ProjectionRef Target, Tensor Original)>? kept,
        Dictionary<string, ProjectionRef> targets
    ) => kept?.Select(m => (targets[m.Target.Path], m.Original.clone().DetachFromDisposeScope())).ToList();

    private static Tensor CopyOf(ProjectionRef target)
    {
        using var weight = target.Weight();
        return weight.clone();
    }

    private static Tensor RowNorms(ProjectionRef target)
    {
        using var weight = target.Weight();
        return weight.norm(1, false, 2);
    }

    private void Switch()
    {
        foreach (var layer in _layers)
            layer.Active = Active;
        foreach (var module in _replaced)
            module.Active = Active;
    }
}
