namespace Palimpsest.Checkpoints;

/// <summary>A rule that makes one weight of several.</summary>
public interface IWeightMerge
{
    /// <summary>Checks how many models there are.</summary>
    /// <exception cref="InputException">The rule takes another number of models.</exception>
    void Check(int models);

    /// <summary>Merges one tensor.</summary>
    /// <param name="weights">The models' tensors, float32 of equal shape; they are left as they are.</param>
    /// <returns>A new float32 tensor of that shape; the caller disposes it.</returns>
    Tensor Merge(IReadOnlyList<Tensor> weights);
}
