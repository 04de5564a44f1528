using System.Globalization;

namespace Palimpsest.Checkpoints;

/// <summary>The names of a model's tensors in GGUF files and in Hugging Face folders.</summary>
internal sealed class GgufNames
{
    private static readonly string[] Unlearnt = [GgufRope.Divisors, GgufRope.ShortFactors, GgufRope.LongFactors];

    private readonly Dictionary<string, string> _toModel = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _toFile = new(StringComparer.Ordinal);

    /// <summary>The names of a model of that shape.</summary>
    public GgufNames(DecoderConfig config)
    {
        var names = ModelFamilies.Of(config.Family).Names(config);
        Add("token_embd", names.Embedding);
        Add("position_embd", names.Positions);
        Add("output_norm", names.FinalNorm);
        if (!config.TiedHead)
            Add("output", names.Head);
        for (var layer = 0; layer < config.Layers; layer++)
        {
            foreach (var (file, model) in Block(names, config))
            {
                Add(
                    string.Create(CultureInfo.InvariantCulture, $"blk.{layer}.{file}"),
                    string.Format(CultureInfo.InvariantCulture, names.Block, layer) + model
                );
            }
        }
    }

    /// <summary>True where the head of a file is its embedding: it has none of its own, or one of the same
    /// bytes.</summary>
    public static bool IsTied(GgufFile file) =>
        file.Find("output.weight") is not { } head || file.AreEqual(head, file.Find("token_embd.weight")!);

    /// <summary>True for tensors that hold nothing learnt, or a second copy of the embedding.</summary>
    public static bool IsSurplus(string name, DecoderConfig config) =>
        Unlearnt.Contains(name)
        || name.EndsWith(".attn_rot_embd.weight", StringComparison.Ordinal)
        || (config.TiedHead && name == "output.weight");

    /// <summary>The model's name of a file's tensor, or null.</summary>
    public string? ModelName(string fileName) => _toModel.GetValueOrDefault(fileName);

    /// <summary>A file's name of a model's weight.</summary>
    public string FileName(string modelName) => _toFile[modelName];

    private static IEnumerable<(string File, string Model)> Block(WeightNames names, DecoderConfig config)
    {
        if (config.NormPlacement != NormPlacement.After)
        {
            yield return ("attn_norm", names.BeforeAttention);
            yield return ("ffn_norm", names.BeforeMlp);
        }

        if (config.NormPlacement != NormPlacement.Before)
        {
            yield return ("post_attention_norm", names.AfterAttention);
            yield return ("post_ffw_norm", names.AfterMlp);
        }

        if (names.QueryKeyValue is [var query, var key, var value])
        {
            yield return ("attn_q", query);
            yield return ("attn_k", key);
            yield return ("attn_v", value);
        }
        else
        {
            yield return ("attn_qkv", names.QueryKeyValue[0]);
        }

        if (config.QueryKeyNorm != QueryKeyNorm.None)
        {
            yield return ("attn_q_norm", names.QueryNorm);
            yield return ("attn_k_norm", names.KeyNorm);
        }

        yield return ("attn_output", names.AttentionOutput);
        if (names.Up is [var gate, _])
            yield return ("ffn_gate", gate);
        yield return ("ffn_up", names.Up[^1]);
        yield return ("ffn_down", names.Down);
    }

    private void Add(string file, string model)
    {
        foreach (var ending in (string[])[".weight", ".bias"])
        {
            _toModel[file + ending] = model + ending;
            _toFile[model + ending] = file + ending;
        }
    }
}
