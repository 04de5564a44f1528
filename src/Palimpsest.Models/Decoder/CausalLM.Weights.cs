using TorchSharp.Modules;

namespace Palimpsest.Models;

public sealed partial class CausalLM
{
    private readonly List<Parameter> _storages;
    private readonly Dictionary<string, ParameterRef> _byName;
    private readonly WeightNames _names;

    /// <summary>Every weight under its Hugging Face name, adapters left out.</summary>
    public IReadOnlyList<ParameterRef> ParameterRefs { get; }

    /// <summary>Every linear map under its Hugging Face module path: where adapters are attached.</summary>
    public IReadOnlyList<ProjectionRef> Projections { get; }

    /// <summary>What is attached and goes along with <see cref="Clone"/>.</summary>
    public IList<IModelAttachment> Attachments { get; } = [];

    /// <summary>Where the model came from; null for one that was made here. Saving keeps its fields.</summary>
    public ModelSource? Source { get; set; }

    /// <summary>Every parameter that training changes, attachments included, under stable names.</summary>
    public IReadOnlyList<(string Name, Parameter Value)> TrainableParameters =>
        [
            .. named_parameters().Where(p => p.parameter.requires_grad).Select(p => (p.name, p.parameter)),
            .. Attachments.SelectMany(a => a.TrainableParameters),
        ];

    /// <summary>What belongs to <see cref="TrainableParameters"/> and training does not change: indices of projections,
    /// keys of side memories.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> Buffers =>
        [
            .. _slots.SelectMany(
                (slot, i) => slot.Projection.Buffers.Select(buffer => ($"projection_{i}.{buffer.Name}", buffer.Value))
            ),
            .. Attachments.SelectMany(attachment => attachment.Buffers),
        ];

    /// <summary>The name of the head's weight, be it stored or tied.</summary>
    public string HeadWeightName => _names.Head + ".weight";

    /// <summary>Names and shapes of the tensors that a checkpoint of this model must hold.</summary>
    public IReadOnlyList<(string Name, IReadOnlyList<long> Shape)> ExpectedWeights =>
        [.. ParameterRefs.Select(r => (r.Name, r.CheckpointShape))];

    /// <summary>A model whose weights are not set: every one must be imported before use.</summary>
    public static CausalLM WithoutWeights(DecoderConfig config, Device? device = null) =>
        new(config, device ?? CPU, (ulong?)null);

    /// <summary>A model of names and shapes alone, which takes no memory: for reading about a model, not for running
    /// it.</summary>
    public static CausalLM Outline(DecoderConfig config) => WithoutWeights(config, META);

    /// <summary>The model's name of a checkpoint's tensor; null when the model has no such weight.</summary>
    /// <remarks>Checkpoints of the bare model, without the head, leave out the first part of the names.</remarks>
    public string? WeightName(string name)
    {
        if (_byName.ContainsKey(name))
            return name;
        var whole = _names.Base + name;
        return _byName.ContainsKey(whole) ? whole : null;
    }

    /// <summary>The model's name of a tensor of a checkpoint that has these: a tied head stands for the embedding where
    /// that is not there under its own name.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="isStored">Whether the checkpoint has a tensor.</param>
    public string? WeightName(string name, Func<string, bool> isStored)
    {
        ArgumentNullException.ThrowIfNull(isStored);
        if (WeightName(name) is { } known)
            return known;
        var embedding = _names.Embedding + ".weight";
        var isTied = Config.TiedHead && !Config.HeadBias;
        return isTied && name == HeadWeightName && !isStored(embedding) && !isStored(embedding[_names.Base.Length..])
            ? embedding
            : null;
    }

    /// <summary>True for tensors that some checkpoints hold and the model has no use for: buffers, the copy of a tied
    /// head.</summary>
    public bool IsSurplus(string name) =>
        (Config.TiedHead && name.StartsWith(_names.Head + ".", StringComparison.Ordinal))
        || _names.Buffers.Any(buffer => name.EndsWith("." + buffer, StringComparison.Ordinal));

    /// <summary>Copies a checkpoint's tensor, of any float type, into the weight of that name.</summary>
    /// <returns>False when the model has no such weight and needs none (see <see cref="IsSurplus"/>).</returns>
    /// <exception cref="InputException">The name is unknown or the shape does not fit; the message has name and
    /// shapes.</exception>
    public bool ImportWeight(string name, Tensor value) =>
        ImportWeight(name, value.shape, target => target.copy_(value));

    /// <summary>Lets a reader fill the weight of a checkpoint's tensor in place, so that the tensor never exists
    /// twice.</summary>
    /// <param name="name">The checkpoint's name.</param>
    /// <param name="shape">The checkpoint's shape.</param>
    /// <param name="fill">Gets a float32 view of that shape.</param>
    /// <returns>False when the model has no such weight and needs none (see <see cref="IsSurplus"/>).</returns>
    /// <exception cref="InputException">The name is unknown or the shape does not fit; the message has name and
    /// shapes.</exception>
    public bool ImportWeight(string name, IReadOnlyList<long> shape, Action<Tensor> fill)
    {
        ArgumentNullException.ThrowIfNull(fill);
        if (WeightName(name) is not { } known)
            return IsSurplus(name)
                ? false
                : throw new InputException($"tensor '{name}' is not a weight of a {Config.Family} model.");
        var reference = _byName[known];
        if (!reference.IsDense)
            throw new InputException(
                $"tensor '{name}' is held {reference.Slot!.Projection.HeldAs} by the model; weights are imported "
                    + $"before that."
            );
        if (!shape.SequenceEqual(reference.CheckpointShape))
        {
            throw new InputException(
                $"tensor '{name}' is [{string.Join(", ", shape)}]; the model needs "
                    + $"[{string.Join(", ", reference.CheckpointShape)}]."
            );
        }

        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var target = reference.Value();
        fill(reference.Transposed ? target.t() : target);
        return true;
    }

    /// <summary>Every weight as a checkpoint holds it, in a stable order; the caller disposes each tensor.</summary>
    /// <remarks>Contiguous, detached copies or views, float32.</remarks>
    public IEnumerable<(string Name, Tensor Value)> ExportWeights() => ParameterRefs.Select(r => (r.Name, Export(r)));

    /// <summary>An independent dense copy without gradients: a reference model. Active adapters are merged into
    /// it.</summary>
    /// <remarks>Weights that are held as codes or factors become the float32 values that these stand for. Taps stay
    /// with the original.</remarks>
    /// <exception cref="InputException">A delta is routed or gated, or a projection is no matrix; the message has the
    /// name.</exception>
    public CausalLM CloneFrozen()
    {
        RequireMergeable("A frozen copy");
        // A changed head can no longer be the embedding.
        var untie = Config.TiedHead && !Config.HeadBias && _head.Projection.HasActiveDeltas;
        var copy = new CausalLM(untie ? Config with { TiedHead = false } : Config, Device, (ulong?)null)
        {
            Source = Source,
        };
        using (no_grad())
        {
            using var scope = NewDisposeScope();
            CopyTo(copy);
            for (var i = 0; i < _slots.Length; i++)
            {
                var (from, to) = (_slots[i].Projection, (LinearProjection)copy._slots[i].Projection);
                if (!from.HasActiveDeltas)
                    continue;
                using var merged = from.Materialize();
                to.Weight.copy_(merged);
            }
        }

        foreach (var storage in copy._storages)
            storage.requires_grad_(false);
        copy.eval();
        return copy;
    }

    /// <summary>An independent trainable copy with the same adapters and kinds of projection. Codes, which never
    /// change, are shared; taps stay with the original.</summary>
    /// <exception cref="InputException">A delta belongs to no attachment, so that the copy would lack it; the message
    /// has its name.</exception>
    public CausalLM Clone()
    {
        var copy = new CausalLM(Config, Device, (ulong?)null) { Source = Source };
        try
        {
            for (var i = 0; i < _slots.Length; i++)
            {
                if (!_slots[i].IsDense)
                    copy.Replace(copy._slots[i], _slots[i].Projection.Clone(copy._slots[i].Projection.Bias));
            }

            using (no_grad())
                CopyTo(copy);
            for (var i = 0; i < _storages.Count; i++)
                copy._storages[i].requires_grad_(TrainsWithoutAdapters(_storages[i]));
            foreach (var attachment in Attachments)
                attachment.CopyTo(copy);
            for (var i = 0; i < _storages.Count; i++)
                copy._storages[i].requires_grad_(_storages[i].requires_grad);
            for (var i = 0; i < _slots.Length; i++)
                RequireCopied(_slots[i], copy._slots[i]);
            copy.train(training);
            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    private static void RequireCopied(ProjectionSlot original, ProjectionSlot copy)
    {
        var copied = copy.Projection.Deltas.Count();
        if (original.Projection.Deltas.Skip(copied).FirstOrDefault() is { } lost)
            throw new InputException(
                $"A copy needs every delta; '{lost.Name}' belongs to no attachment of the model and would be lost."
            );
    }

    private void CopyTo(CausalLM copy)
    {
        foreach (var (from, to) in ParameterRefs.Zip(copy.ParameterRefs))
        {
            if (!to.IsDense)
                continue;
            using var scope = NewDisposeScope();
            to.Value().copy_(from.Value());
        }
    }

    internal static Tensor Export(ParameterRef reference)
    {
        using var scope = NewDisposeScope();
        var value = reference.Value().detach();
        return (reference.Transposed ? value.t() : value).contiguous().MoveToOuterDisposeScope();
    }
}
