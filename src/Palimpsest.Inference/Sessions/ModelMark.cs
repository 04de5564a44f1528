using System.Text;

namespace Palimpsest.Inference;

/// <summary>Tells models apart: by their numbers, and by what they compute of a fixed text, which adapters, codes and
/// whatever else is attached change.</summary>
internal static class ModelMark
{
    private const int ProbeTokens = 16;
    private const double SameWithin = 1e-3; // of the largest number; threads and processors differ by less
    private const long ChunkBytes = 64 << 20;

    /// <summary>A hash of sizes, names and numbers of the parameters.</summary>
    public static string HashOf(CausalLM model)
    {
        using var scope = NewDisposeScope();
        var text = new StringBuilder();
        foreach (var (name, parameter) in model.named_parameters())
        {
            using var part = NewDisposeScope();
            text.Append(name).Append('[').AppendJoin(',', parameter.shape).Append(']').Append(parameter.dtype);
            var flat = parameter.detach().cpu().contiguous().view(-1);
            var atOnce = ChunkBytes / flat.ElementSize;
            for (long start = 0; start < flat.shape[0]; start += atOnce)
            {
                using var chunk = flat.narrow(0, start, Math.Min(atOnce, flat.shape[0] - start));
                text.Append(' ').Append(ContentHash.OfBytes(chunk.bytes));
            }
        }

        return ContentHash.OfText(text.ToString());
    }

    /// <summary>Last hidden state [D] float32 of a fixed text; the caller disposes it.</summary>
    public static Tensor ProbeOf(CausalLM model)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var evaluation = model.Evaluate();
        var ids = (arange(ProbeTokens, device: model.Device) * 7919 + 13).remainder(model.Config.VocabularySize);
        var output = model.Forward(new() { TokenIds = ids.unsqueeze(0), Logits = LogitsFor.None });
        return output.Hidden[0][-1].to(ScalarType.Float32).cpu().clone().MoveToOuterDisposeScope();
    }

    /// <summary>Whether two hidden states are those of one model.</summary>
    public static bool AreSame(Tensor probe, Tensor other)
    {
        using var scope = NewDisposeScope();
        var most = probe.abs().max().item<float>();
        return (probe - other).abs().max().item<float>() <= SameWithin * Math.Max(most, 1e-6);
    }
}
