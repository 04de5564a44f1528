using System.Text.Json.Nodes;

namespace Palimpsest.Checkpoints;

/// <summary>The rotary keys and tensors of a GGUF file.</summary>
internal static class GgufRope
{
    public const string Divisors = "rope_freqs.weight";
    public const string ShortFactors = "rope_factors_short.weight";
    public const string LongFactors = "rope_factors_long.weight";

    /// <summary>Adds what the family's config.json says of rotation.</summary>
    public static void Read(GgufFile file, GgufArchitecture architecture, int headSize, JsonObject json)
    {
        var metadata = file.Metadata;
        json["rope_theta"] = RealIfSet(metadata, architecture.Key("rope.freq_base")) ?? 10000;
        var rotated =
            WholeIfSet(metadata, architecture.Key("rope.dimension_count"), least: 2, most: headSize) ?? headSize;
        if (rotated != headSize)
            json["partial_rotary_factor"] = (double)rotated / headSize;
        var original = WholeIfSet(metadata, architecture.Key("rope.scaling.original_context_length"), least: 1);
        if (file.Find(LongFactors) is not null)
        {
            json["rope_scaling"] = LongRope(
                Factors(file, ShortFactors, rotated),
                Factors(file, LongFactors, rotated),
                RealIfSet(metadata, architecture.Key("rope.scaling.attn_factor"))
            );
            json["original_max_position_embeddings"] = original ?? (int)json["max_position_embeddings"]!;
        }
        else if (file.Find(Divisors) is not null)
        {
            json["rope_scaling"] = OfDivisors(Factors(file, Divisors, rotated), (double)json["rope_theta"]!);
        }
        else
        {
            json["rope_scaling"] = Scaled(metadata, architecture, original);
        }
    }

    // Programs that run such files take a rotary key of zero for one that is not there.
    private static double? RealIfSet(GgufMetadata metadata, string key) =>
        metadata.RealOrNull(key) is { } value && value != 0 ? value : null;

    private static int? WholeIfSet(GgufMetadata metadata, string key, int least, int most = 1 << 24) =>
        metadata.WholeOrNull(key, least: 0, most) == 0 ? null : metadata.WholeOrNull(key, least, most);

    private static JsonObject? Scaled(GgufMetadata metadata, GgufArchitecture architecture, int? original)
    {
        var factor =
            RealIfSet(metadata, architecture.Key("rope.scaling.factor"))
            ?? RealIfSet(metadata, architecture.Key("rope.scale_linear"))
            ?? 1;
        var type = metadata.Text(architecture.Key("rope.scaling.type")) ?? (factor == 1 ? "none" : "linear");
        var json = new JsonObject { ["rope_type"] = type, ["factor"] = factor };
        switch (type)
        {
            case "none":
                return null;
            case "linear":
                return json;
            case "yarn":
                json["original_max_position_embeddings"] = original;
                json["beta_fast"] = RealIfSet(metadata, architecture.Key("rope.scaling.yarn_beta_fast"));
                json["beta_slow"] = RealIfSet(metadata, architecture.Key("rope.scaling.yarn_beta_slow"));
                if (RealIfSet(metadata, architecture.Key("rope.scaling.attn_factor")) is { } scale)
                    json["attention_factor"] = scale * YarnAttention(factor);
                return json;
            default:
                throw metadata.Refuse(
                    architecture.Key("rope.scaling.type"),
                    "none, linear, yarn, or longrope with its tensors of factors"
                );
        }
    }

    /// <summary>YaRN's factor of cosines and sines where nothing else is said.</summary>
    public static double YarnAttention(double factor) => factor <= 1 ? 1 : 1 + 0.1 * Math.Log(factor);

    /// <summary>Llama 3's rule where the divisors are those of its published settings; otherwise the divisors as they
    /// are.</summary>
    private static JsonObject OfDivisors(float[] divisors, double theta)
    {
        var factor = divisors.Max();
        foreach (var original in (int[])[8192, 4096, 16384, 32768])
        {
            var expected = Llama3Divisors(divisors.Length, theta, factor, original, low: 1, high: 4);
            if (divisors.Zip(expected).All(pair => Math.Abs(pair.First - pair.Second) <= 1e-4 * pair.Second))
            {
                return new()
                {
                    ["rope_type"] = "llama3",
                    ["factor"] = factor,
                    ["original_max_position_embeddings"] = original,
                    ["low_freq_factor"] = 1.0,
                    ["high_freq_factor"] = 4.0,
                };
            }
        }

        return LongRope(divisors, divisors, attention: 1);
    }

    /// <summary>What Llama 3's rule divides each frequency by.</summary>
    public static float[] Llama3Divisors(
        int count,
        double theta,
        double factor,
        double original,
        double low,
        double high
    ) =>
        [
            .. Enumerable
                .Range(0, count)
                .Select(i =>
                {
                    var wavelength = 2 * Math.PI * Math.Pow(theta, (double)i / count);
                    if (wavelength < original / high)
                        return 1f;
                    if (wavelength > original / low)
                        return (float)factor;
                    var smooth = (original / wavelength - low) / (high - low);
                    return (float)(1 / ((1 - smooth) / factor + smooth));
                }),
        ];

    private static JsonObject LongRope(float[] shorts, float[] longs, double? attention)
    {
        var json = new JsonObject
        {
            ["rope_type"] = "longrope",
            ["factor"] = 1.0,
            ["short_factor"] = new JsonArray([.. shorts.Select(f => (JsonNode)f)]),
            ["long_factor"] = new JsonArray([.. longs.Select(f => (JsonNode)f)]),
        };
        if (attention is { } scale)
            json["attention_factor"] = scale;
        return json;
    }

    private static float[] Factors(GgufFile file, string name, int rotated)
    {
        var tensor = file.Find(name) ?? throw new InputException($"{file.Path}: tensor '{name}' is missing.");
        if (tensor.Shape is not [var count] || count != rotated / 2)
            throw new InputException(
                $"{file.Path}: tensor '{name}' is [{string.Join(", ", tensor.Shape)}]; it must be [{rotated / 2}]."
            );
        using var values = file.Read(name);
        var factors = values.data<float>().ToArray();
        return Array.TrueForAll(factors, f => float.IsFinite(f) && f > 0)
            ? factors
            : throw new InputException($"{file.Path}: tensor '{name}' must hold numbers above 0.");
    }
}
