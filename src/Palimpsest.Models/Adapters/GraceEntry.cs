using TorchSharp.Modules;

namespace Palimpsest.Models;

/// <summary>One record of a <see cref="GraceCodebook"/>.</summary>
public sealed class GraceEntry : IDisposable
{
    internal GraceEntry(int number, Tensor key, double radius, IReadOnlyList<int> label, Tensor value)
    {
        Number = number;
        Key = key.detach().clone().DetachFromDisposeScope();
        Reach = tensor((float)radius).DetachFromDisposeScope();
        LabelIds = tensor(label.Select(id => (long)id).ToArray()).DetachFromDisposeScope();
        Value = LoraTargets.NewParameter(value.detach().clone());
    }

    /// <summary>Counts the records that were ever added; it stays when others are removed.</summary>
    public int Number { get; }

    /// <summary>The projection's input at the last token of the prompt [In] float32.</summary>
    public Tensor Key { get; }

    /// <summary>Inputs at most this far from the key match, at least 0.</summary>
    public double Radius
    {
        get => Reach.item<float>();
        internal set => Reach.fill_((float)value);
    }

    /// <summary>The token ids that the edit is to produce.</summary>
    public IReadOnlyList<int> Label => [.. LabelIds.data<long>().Select(id => (int)id)];

    /// <summary>The output that takes the place of the projection's [Rows] float32: what training changes.</summary>
    public Parameter Value { get; }

    internal Tensor Reach { get; }

    internal Tensor LabelIds { get; }

    internal GraceEntry Copy() => new(Number, Key, Radius, Label, Value);

    /// <inheritdoc/>
    public void Dispose()
    {
        Key.Dispose();
        Reach.Dispose();
        LabelIds.Dispose();
        Value.Dispose();
    }
}
