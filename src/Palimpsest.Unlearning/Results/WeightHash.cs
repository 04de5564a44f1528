using System.Security.Cryptography;
using System.Text;

namespace Palimpsest.Unlearning;

/// <summary>The identity of a decoder's weights, adapters left out.</summary>
public static class WeightHash
{
    /// <summary>SHA-256 over names, shapes and float32 values in the order of names, lower-case hex.</summary>
    public static string Of(CausalLM model)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var weight in model.ParameterRefs.OrderBy(w => w.Name, StringComparer.Ordinal))
        {
            using var scope = NewDisposeScope();
            hash.AppendData(Encoding.UTF8.GetBytes($"{weight}\n"));
            hash.AppendData(weight.Value().detach().cpu().contiguous().bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
