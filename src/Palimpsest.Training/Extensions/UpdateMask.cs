using System.Security.Cryptography;

namespace Palimpsest.Training;

/// <summary>Lets the optimiser write into chosen weights alone: where a mask is false, weights stay as they are, bit
/// for bit, weight decay included.</summary>
/// <remarks>A mask on gradients would not do: momentum and decoupled weight decay move a weight without
/// gradient.</remarks>
public sealed class UpdateMask : ITrainExtension, IDisposable
{
    private readonly Dictionary<string, Tensor> _frozen = new(StringComparer.Ordinal);
    private readonly HashSet<string> _free = new(StringComparer.Ordinal);
    private readonly Lazy<string> _fingerprint;

    /// <summary>A mask for every weight that trains.</summary>
    /// <param name="masks">By weight name, true where the weight may change, bool in the shape as stored [Out, In] or
    /// [Out]; the caller disposes them.</param>
    public UpdateMask(IReadOnlyDictionary<string, Tensor> masks)
    {
        ArgumentNullException.ThrowIfNull(masks);
        using var grad = no_grad();
        foreach (var (name, mask) in masks)
        {
            using var scope = NewDisposeScope();
            if (mask.dtype != ScalarType.Bool)
                throw new ArgumentException($"The mask of '{name}' is {mask.dtype}; allowed is Bool.", nameof(masks));
            if (mask.all().item<bool>())
                _free.Add(name);
            else
                _frozen[name] = mask.logical_not().contiguous().DetachFromDisposeScope();
        }

        _fingerprint = new(Hash);
    }

    /// <inheritdoc/>
    public string Fingerprint => _fingerprint.Value;

    /// <inheritdoc/>
    /// <exception cref="InputException">A weight that trains has no mask, or one of another shape.</exception>
    public IEnumerable<ParameterRef> MaskedWeights(ITrainable model)
    {
        ArgumentNullException.ThrowIfNull(model);
        List<ParameterRef> masked = [];
        foreach (var weight in model.ParameterRefs.Where(w => w.IsDense && w.Storage.requires_grad))
        {
            if (_free.Contains(weight.Name))
                continue;
            if (!_frozen.TryGetValue(weight.Name, out var frozen))
                throw new InputException(
                    $"The weight '{weight.Name}' trains and has no mask; needed is one for every weight that trains."
                );
            using var value = weight.Value();
            if (!frozen.shape.SequenceEqual(value.shape))
                throw new InputException(
                    $"The mask of '{weight.Name}' is [{string.Join(", ", frozen.shape)}]; the weight is "
                        + $"[{string.Join(", ", value.shape)}]."
                );
            masked.Add(weight);
        }

        return masked;
    }

    /// <inheritdoc/>
    public void OnUpdate(ParameterRef weight, Tensor update, TrainStep step)
    {
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentNullException.ThrowIfNull(update);
        update.masked_fill_(_frozen[weight.Name], 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var frozen in _frozen.Values)
            frozen.Dispose();
        _frozen.Clear();
    }

    private string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, frozen) in _frozen.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            using var scope = NewDisposeScope();
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(name));
            hash.AppendData(frozen.cpu().bytes);
        }

        return $"mask {Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }
}
