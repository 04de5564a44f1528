namespace Palimpsest.Models;

/// <summary>A place for a projection in a model; another kind of projection of the same sizes can take it.</summary>
public sealed class ProjectionSlot
{
    private readonly string _name;
    private nn.Module? _owner;

    internal ProjectionSlot(string name, Projection projection) => (_name, Projection) = (name, projection);

    /// <summary>The projection that is there now.</summary>
    public Projection Projection { get; private set; }

    /// <summary>True when the weight is a parameter, which can be trained and written into.</summary>
    public bool IsDense => Projection is LinearProjection;

    /// <summary>x [..., In] → [..., Out].</summary>
    internal Tensor Forward(Tensor x, in DeltaContext context = default) => Projection.Compute(x, context);

    /// <summary>Makes the projection a module of its owner.</summary>
    internal void RegisterIn(nn.Module owner)
    {
        _owner = owner;
        owner.register_module(_name, Projection);
    }

    /// <summary>Puts another projection here, under the deltas that are here, and frees the dense weight that
    /// was.</summary>
    internal void Replace(Projection next)
    {
        var old = Projection;
        if (
            next.InFeatures != old.InFeatures
            || next.OutFeatures != old.OutFeatures
            || !ReferenceEquals(next.Bias, old.Bias)
        )
            throw new ArgumentException(
                $"A projection of [{next.OutFeatures}, {next.InFeatures}] does not fit '{_name}', which has "
                    + $"[{old.OutFeatures}, {old.InFeatures}] and a bias of its own.",
                nameof(next)
            );
        next.TakeDeltas(old);
        Projection = next;
        // A name is free again once null is registered under it.
        _owner?.register_module(_name, null!);
        _owner?.register_module(_name, next);
        next.train(old.training);
        (old as LinearProjection)?.Weight.Dispose();
    }
}
