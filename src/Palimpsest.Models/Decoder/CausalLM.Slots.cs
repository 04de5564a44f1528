using TorchSharp.Modules;

namespace Palimpsest.Models;

public sealed partial class CausalLM
{
    private readonly ProjectionSlot[] _slots;

    /// <summary>Where the embedding is: the head's slot where the two are tied.</summary>
    internal ProjectionSlot EmbeddingSlot => _embedding;

    /// <inheritdoc/>
    /// <remarks>An embedding that is held as codes is none; its name cannot be taken off a module.</remarks>
    public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
    {
        var all = base.named_parameters(recurse);
        return _embedding.IsDense ? all : all.Where(parameter => parameter.name != EmbeddingName);
    }

    /// <inheritdoc/>
    public override IEnumerable<Parameter> parameters(bool recurse = true) =>
        named_parameters(recurse).Select(parameter => parameter.parameter);

    /// <summary>True when every weight is a float32 parameter; false when some are held as codes or as
    /// factors.</summary>
    public bool IsDense => Array.TrueForAll(_slots, slot => slot.IsDense);

    /// <summary>Bytes of all weights as they are held, adapters left out: parameters, and codes with their
    /// scales.</summary>
    public long ByteCount =>
        _storages.Sum(storage => storage.numel() * storage.element_size())
        + _slots.Sum(slot => slot.Projection.CodeBytes)
        + _slots
            .Where(slot => !slot.IsDense)
            .SelectMany(slot => slot.Projection.Parameters)
            .Sum(parameter => parameter.Value.numel() * parameter.Value.element_size());

    /// <summary>
    /// Puts another kind of projection into each slot of the blocks whose weight is dense, one after another, and frees
    /// the dense weights. Embeddings, norms, biases and the head stay. Where a replacement cannot be trained every
    /// parameter is frozen: adapters alone can train.
    /// </summary>
    /// <param name="replacement">Makes the projection that replaces one: of its sizes and with its bias. Fused weights
    /// are one projection.</param>
    /// <param name="choose">The projections that are replaced, fused ones where any of their maps is chosen; null for
    /// all.</param>
    /// <param name="progress">Told after each projection.</param>
    /// <param name="cancellationToken">Stops between projections; those before it are replaced.</param>
    /// <exception cref="ArgumentException">A replacement has other sizes or another bias.</exception>
    public void ReplaceProjections(
        Func<LinearProjection, Projection> replacement,
        Func<ProjectionRef, bool>? choose = null,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(replacement);
        if (!Array.TrueForAll(_slots, slot => slot.Projection.IsTrainable))
            FreezeStorages();
        var slots = Projections
            .Where(p => p.Component != ModelComponent.Head && p.Slot.IsDense && choose?.Invoke(p) != false)
            .Select(p => p.Slot)
            .Distinct()
            .ToArray();
        for (var i = 0; i < slots.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ReplaceProjection(slots[i], replacement);
            progress?.Report(new("Replacing weights", i + 1, slots.Length));
        }
    }

    /// <summary>Refuses work that reads gradients of all weights or changes them, where some are held as
    /// codes.</summary>
    /// <param name="work">What it is, the subject of a sentence.</param>
    /// <exception cref="InputException">Some weight is held as codes.</exception>
    public void RequireDense(string work)
    {
        if (Array.Find(_slots, slot => !slot.IsDense)?.Projection is not { } other)
            return;
        var trains = other.IsTrainable ? "whose factors train" : "where only adapters train";
        throw new InputException($"{work} needs dense weights; this model holds them {other.HeldAs}, {trains}.");
    }

    /// <summary>Refuses to write or copy what no weight can say: routed or gated deltas, projections that are no
    /// matrix.</summary>
    /// <param name="work">What it is, the subject of a sentence.</param>
    /// <exception cref="InputException">The message has the projection and the name of what changes it.</exception>
    public void RequireMergeable(string work) => RequireMergeable(work, Projections);

    /// <summary>The same of some projections.</summary>
    internal static void RequireMergeable(string work, IEnumerable<ProjectionRef> projections)
    {
        using var grad = no_grad();
        foreach (var projection in projections)
        {
            if (projection.Projection.WhyNoWeight is { } why)
                throw new InputException($"{work} needs weights; {projection.Path} {why}.");
            foreach (var (row, delta) in projection.Projection.ActiveDeltas)
            {
                if (row != projection.RowStart)
                    continue;
                using var scope = NewDisposeScope();
                if (delta.TryMerge(projection.Weight()) is null)
                    throw new InputException(
                        $"{work} needs weights; '{delta.Name}' on {projection.Path} is routed or gated and no weight "
                            + $"says it. Take it off or switch it off first."
                    );
            }
        }
    }

    /// <summary>Replaces one dense projection and gives its memory back.</summary>
    internal void ReplaceProjection(ProjectionSlot slot, Func<LinearProjection, Projection> replacement)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var next = replacement((LinearProjection)slot.Projection);
        Replace(slot, next);
        if (!next.IsTrainable)
            FreezeStorages();
        MemoryAllocator.GiveBack();
    }

    private void FreezeStorages()
    {
        foreach (var storage in _storages)
            storage.requires_grad_(false);
    }

    private void Replace(ProjectionSlot slot, Projection next)
    {
        var weight = (slot.Projection as LinearProjection)?.Weight;
        slot.Replace(next);
        _storages.RemoveAll(storage => ReferenceEquals(storage, weight));
    }
}
