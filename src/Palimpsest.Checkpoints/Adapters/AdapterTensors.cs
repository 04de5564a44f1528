using Parameter = TorchSharp.Modules.Parameter;

namespace Palimpsest.Checkpoints;

/// <summary>The tensors of an adapter's file, each of which has to have its use.</summary>
/// <param name="path">The file's path, for messages.</param>
/// <param name="weights">The file.</param>
/// <param name="device">Where the tensors go.</param>
internal sealed class AdapterTensors(string path, SafetensorsFile weights, Device device)
{
    /// <summary>What stands before the names of modules.</summary>
    public const string Prefix = "base_model.model.";

    private readonly HashSet<string> _unread = weights.Names.ToHashSet(StringComparer.Ordinal);

    /// <summary>Reads a tensor as a float32 parameter.</summary>
    /// <exception cref="InputException">It is missing, of another shape, no floating-point type, or not
    /// finite.</exception>
    public Parameter Read(string key, params long[] shape)
    {
        if (!_unread.Remove(Prefix + key))
            throw new InputException($"{path}: tensor '{Prefix}{key}' is missing.");
        if (!weights.Shape(Prefix + key).SequenceEqual(shape))
            throw new InputException(
                $"{path}: '{Prefix}{key}' is [{string.Join(", ", weights.Shape(Prefix + key))}]; the model needs "
                    + $"[{string.Join(", ", shape)}]."
            );
        var stored = weights.Read(Prefix + key);
        if (!stored.is_floating_point())
            throw new InputException(
                $"{path}: tensor '{Prefix}{key}' is {stored.dtype}; allowed are floating-point types."
            );
        var value = stored.to(ScalarType.Float32);
        return value.isfinite().all().item<bool>()
            ? LoraTargets.NewParameter(value.to(device))
            : throw new InputException($"{path}: tensor '{Prefix}{key}' holds NaN or infinity.");
    }

    /// <summary>Passes over what nobody read and is a copy of the base's own weights.</summary>
    /// <exception cref="InputException">A copy differs from the base, or a tensor belongs to nothing.</exception>
    public void PassOver(BaseCopies copies)
    {
        foreach (var name in _unread.Order(StringComparer.Ordinal).ToArray())
        {
            if (
                !name.StartsWith(Prefix, StringComparison.Ordinal)
                || copies.NameOf(name[Prefix.Length..]) is not { } own
            )
                continue;
            copies.RequireEqual($"{path}: tensor '{name}'", own, weights.Read(name));
            _unread.Remove(name);
        }

        if (_unread.Count > 0)
            throw new InputException(
                $"{path}: tensor '{_unread.Order(StringComparer.Ordinal).First()}' belongs to no module that "
                    + $"adapter_config.json names ({_unread.Count} do)."
            );
    }
}
