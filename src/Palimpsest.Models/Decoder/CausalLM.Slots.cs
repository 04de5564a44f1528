using TorchSharp.Modules;

namespace Palimpsest.Models;

public sealed partial class CausalLM
{
    private readonly ProjectionSlot[] _slots;

    /// <summary>True when every weight is a float32 parameter; false when some are held as codes.</summary>
    public bool IsDense => Array.TrueForAll(_slots, slot => slot.IsDense);

    /// <summary>Bytes of all weights as they are held, adapters left out: parameters, and codes with their
    /// scales.</summary>
    public long ByteCount =>
        _storages.Sum(storage => storage.numel() * storage.element_size())
        + _slots.Sum(slot => slot.Projection.CodeBytes);

    /// <summary>
    /// Puts another kind of projection into each slot of the blocks whose weight is dense, one after another, and frees
    /// the dense weights. Embeddings, norms, biases and the head stay. Every parameter is frozen: adapters alone can
    /// train.
    /// </summary>
    /// <param name="replacement">Makes the projection that replaces one: of its sizes and with its bias. Fused weights
    /// are one projection.</param>
    /// <param name="progress">Told after each projection.</param>
    /// <param name="cancellationToken">Stops between projections; those before it are replaced.</param>
    /// <exception cref="ArgumentException">A replacement has other sizes or another bias.</exception>
    public void ReplaceProjections(
        Func<LinearProjection, Projection> replacement,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(replacement);
        foreach (var storage in _storages)
            storage.requires_grad_(false);
        var slots = Projections
            .Where(p => p.Component != ModelComponent.Head && p.Slot.IsDense)
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
        if (!IsDense)
            throw new InputException(
                $"{work} needs dense weights; this model holds them quantised, where only adapters train."
            );
    }

    /// <summary>Replaces one dense projection and gives its memory back.</summary>
    internal void ReplaceProjection(ProjectionSlot slot, Func<LinearProjection, Projection> replacement)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        Replace(slot, replacement((LinearProjection)slot.Projection));
        MemoryAllocator.GiveBack();
    }

    private void Replace(ProjectionSlot slot, Projection next)
    {
        var weight = (slot.Projection as LinearProjection)?.Weight;
        slot.Replace(next);
        _storages.RemoveAll(storage => ReferenceEquals(storage, weight));
    }
}
