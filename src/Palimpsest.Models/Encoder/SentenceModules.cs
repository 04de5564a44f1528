namespace Palimpsest.Models;

/// <summary>What a sentence-transformers folder says besides the encoder: where it lies, how to pool, how long texts
/// may be.</summary>
/// <param name="EncoderFolder">The folder with config.json, weights and tokenizer.</param>
/// <param name="Pooling">How hidden states become one vector.</param>
/// <param name="Normalize">Whether vectors have length 1.</param>
/// <param name="MaxTokens">Most tokens of a text, special ones included; null when no file says so.</param>
internal sealed record SentenceModules(string EncoderFolder, PoolingMode Pooling, bool Normalize, int? MaxTokens)
{
    private const string PoolingFolder = "1_Pooling";

    private static readonly (string Field, PoolingMode? Mode)[] Modes =
    [
        ("pooling_mode_cls_token", PoolingMode.First),
        ("pooling_mode_max_tokens", PoolingMode.Max),
        ("pooling_mode_mean_tokens", PoolingMode.Mean),
        ("pooling_mode_mean_sqrt_len_tokens", PoolingMode.MeanSqrtLength),
        ("pooling_mode_lasttoken", PoolingMode.Last),
        ("pooling_mode_weightedmean_tokens", null),
    ];

    /// <summary>
    /// Reads modules.json, the pooling's config.json and sentence_bert_config.json. Without modules.json the folder
    /// itself is the encoder, its vectors are normalized, and it is pooled as <c>1_Pooling</c> says, by the mean
    /// without one.
    /// </summary>
    /// <exception cref="InputException">A file is malformed or asks for a module that is not known.</exception>
    public static SentenceModules Read(string folder)
    {
        if (!Directory.Exists(folder))
            throw new InputException($"{folder}: the model folder does not exist.");
        var list = Path.Combine(folder, "modules.json");
        if (!File.Exists(list))
        {
            var pooled = Path.Combine(folder, PoolingFolder);
            return new(
                folder,
                Directory.Exists(pooled) ? ReadPooling(pooled) : PoolingMode.Mean,
                true,
                ReadMaxTokens(folder)
            );
        }

        var (encoder, pooling, normalize) = (folder, PoolingMode.Mean, false);
        using var document = JsonFile.Read(list);
        foreach (var module in new JsonField(list, document.RootElement).Elements())
        {
            var path = Inside(folder, module["path"]);
            switch (module["type"].AsString().Split('.')[^1])
            {
                case "Transformer":
                    encoder = path;
                    break;
                case "Pooling":
                    pooling = ReadPooling(path);
                    break;
                case "Normalize":
                    normalize = true;
                    break;
                case var other:
                    throw module["type"]
                        .Error($"{JsonField.Shown(other)} is not one of Transformer, Pooling, Normalize.");
            }
        }

        return new(encoder, pooling, normalize, ReadMaxTokens(encoder));
    }

    private static string Inside(string folder, JsonField path)
    {
        var name = path.AsString("")!;
        if (name.Length == 0)
            return folder;
        if (name != Path.GetFileName(name) || name is "." or "..")
            throw path.Error($"{JsonField.Shown(name)} is not the name of a folder beside modules.json.");
        return Path.Combine(folder, name);
    }

    private static PoolingMode ReadPooling(string folder)
    {
        var path = Path.Combine(folder, "config.json");
        using var document = JsonFile.Read(path);
        var json = new JsonField(path, document.RootElement);
        var chosen = Modes.Where(mode => json[mode.Field].AsBoolean(false)).ToArray();
        return chosen switch
        {
            [(_, { } mode)] => mode,
            [(var field, null)] => throw json[field].Error("this kind of pooling is not known."),
            _ => throw json.Error(
                $"{chosen.Length} kinds of pooling are set; needed is one of "
                    + $"{string.Join(", ", Modes.Where(m => m.Mode is not null).Select(m => m.Field))}."
            ),
        };
    }

    private static int? ReadMaxTokens(string folder)
    {
        var path = Path.Combine(folder, "sentence_bert_config.json");
        if (!File.Exists(path))
            return null;
        using var document = JsonFile.Read(path);
        var field = new JsonField(path, document.RootElement)["max_seq_length"];
        return field.IsNull ? null : field.AsInteger(3, 1 << 20);
    }
}
