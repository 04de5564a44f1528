using System.Text.Json.Nodes;

namespace Palimpsest.Models;

/// <summary>The rotary fields of config.json, in the older spelling and in the newer <c>rope_parameters</c>.</summary>
internal static class RopeFields
{
    private static readonly Dictionary<string, RopeScalingKind> Kinds = new()
    {
        ["linear"] = RopeScalingKind.Linear,
        ["dynamic"] = RopeScalingKind.Dynamic,
        ["llama3"] = RopeScalingKind.Llama3,
        ["yarn"] = RopeScalingKind.Yarn,
        ["longrope"] = RopeScalingKind.LongRope,
        ["su"] = RopeScalingKind.LongRope,
    };

    /// <summary>Reads θ, the rotated part of a head and the scaling.</summary>
    public static DecoderConfig Read(JsonField json, DecoderConfig config, double partial = 1)
    {
        var fields = json["rope_parameters"].AsObject() ?? json["rope_scaling"].AsObject();
        var share =
            fields?["partial_rotary_factor"].AsNumberOrNull()
            ?? json["partial_rotary_factor"].AsNumberOrNull()
            ?? json["rotary_pct"].AsNumberOrNull()
            ?? partial;
        if (share is not (> 0 and <= 1))
            throw json.Error(
                $"partial_rotary_factor: {share} is not supported; allowed is a number above 0 and up to 1."
            );
        var size = (int)(config.HeadSize * share);
        if (size < 2 || size % 2 != 0)
            throw new InputException(
                $"{json.Path}: {size} of {config.HeadSize} dimensions of a head would be rotated; allowed is an even "
                    + $"number from 2."
            );
        return config with
        {
            RopeTheta =
                fields?["rope_theta"].AsPositiveOrNull()
                ?? json["rope_theta"].AsPositiveOrNull()
                ?? json["rotary_emb_base"].AsPositive(10000),
            RotarySize = size == config.HeadSize ? 0 : size,
            RopeScaling = fields is { } scaled ? ReadScaling(json, scaled, config, size) : null,
        };
    }

    /// <summary>Writes the older spelling, which every version reads.</summary>
    public static void Write(DecoderConfig config, JsonObject json)
    {
        json["rope_theta"] = config.RopeTheta;
        if (config.RotarySize > 0)
            json["partial_rotary_factor"] = (double)config.RotarySize / config.HeadSize;
        json["rope_scaling"] = config.RopeScaling is { } scaling ? WriteScaling(scaling) : null;
        if (config.RopeScaling is { Kind: RopeScalingKind.LongRope, OriginalMaxPositions: { } original })
            json["original_max_position_embeddings"] = original;
    }

    private static RopeScaling? ReadScaling(JsonField json, JsonField fields, DecoderConfig config, int size)
    {
        var name = fields["rope_type"].AsString(null) ?? fields["type"].AsString(null) ?? "default";
        if (name == "default")
            return null;
        if (!Kinds.TryGetValue(name, out var kind))
            throw fields[fields["rope_type"].IsNull ? "type" : "rope_type"]
                .Refusal($"default, {string.Join(", ", Kinds.Keys)}");
        var original =
            SizeIfSet(fields, "original_max_position_embeddings")
            ?? (kind == RopeScalingKind.LongRope ? SizeIfSet(json, "original_max_position_embeddings") : null);
        var factor =
            fields["factor"].AsNumberOrNull() ?? (original is { } o ? Math.Max(1, (double)config.MaxPositions / o) : 1);
        if (factor < 1 || (fields["factor"].IsNull && original is null))
            throw fields["factor"].Refusal("a number from 1");
        var scaling = new RopeScaling
        {
            Kind = kind,
            Factor = factor,
            OriginalMaxPositions = original,
            LowFrequencyFactor = fields["low_freq_factor"].AsPositive(1),
            HighFrequencyFactor = fields["high_freq_factor"].AsPositive(4),
            BetaFast = PositiveIfSet(fields, "beta_fast") ?? 32,
            BetaSlow = PositiveIfSet(fields, "beta_slow") ?? 1,
            MScale = PositiveIfSet(fields, "mscale"),
            MScaleAllDimensions = PositiveIfSet(fields, "mscale_all_dim"),
            Truncate = fields["truncate"].AsBoolean(true),
            AttentionFactor = PositiveIfSet(fields, "attention_factor"),
            ShortFactors = fields["short_factor"].AsNumbers(),
            LongFactors = fields["long_factor"].AsNumbers(),
        };
        Check(json, fields, scaling, size / 2);
        return scaling;
    }

    // transformers asks for these by their truth: zero is as good as nothing.
    private static double? PositiveIfSet(JsonField fields, string name) =>
        fields[name].AsNumberOrNull() == 0 ? null : fields[name].AsPositiveOrNull();

    private static int? SizeIfSet(JsonField fields, string name) =>
        fields[name].AsNumberOrNull() == 0 ? null : fields[name].AsSizeOrNull();

    private static void Check(JsonField json, JsonField fields, RopeScaling scaling, int frequencies)
    {
        if (scaling.Kind == RopeScalingKind.LongRope)
        {
            if (scaling.ShortFactors.Count != frequencies)
                throw fields["short_factor"].Refusal($"a list of {frequencies} numbers");
            if (scaling.LongFactors.Count != frequencies)
                throw fields["long_factor"].Refusal($"a list of {frequencies} numbers");
            if (scaling.ShortFactors.Concat(scaling.LongFactors).Any(f => !(f > 0)))
                throw new InputException($"{json.Path}: 'short_factor' and 'long_factor' must be above 0.");
        }

        if (scaling.Kind == RopeScalingKind.Llama3 && scaling.HighFrequencyFactor <= scaling.LowFrequencyFactor)
            throw fields["high_freq_factor"].Refusal($"a number above low_freq_factor ({scaling.LowFrequencyFactor})");
    }

    private static JsonObject WriteScaling(RopeScaling scaling)
    {
        var name = Kinds.First(k => k.Value == scaling.Kind).Key;
        var json = new JsonObject { ["rope_type"] = name };
        if (scaling.Kind != RopeScalingKind.LongRope || scaling.OriginalMaxPositions is null)
            json["factor"] = scaling.Factor;
        if (scaling.OriginalMaxPositions is { } original && scaling.Kind != RopeScalingKind.LongRope)
            json["original_max_position_embeddings"] = original;
        switch (scaling.Kind)
        {
            case RopeScalingKind.Llama3:
                json["low_freq_factor"] = scaling.LowFrequencyFactor;
                json["high_freq_factor"] = scaling.HighFrequencyFactor;
                break;
            case RopeScalingKind.Yarn:
                json["beta_fast"] = scaling.BetaFast;
                json["beta_slow"] = scaling.BetaSlow;
                json["truncate"] = scaling.Truncate;
                if (scaling.MScale is { } mscale)
                    json["mscale"] = mscale;
                if (scaling.MScaleAllDimensions is { } all)
                    json["mscale_all_dim"] = all;
                break;
            case RopeScalingKind.LongRope:
                json["type"] = name;
                json["short_factor"] = new JsonArray([.. scaling.ShortFactors.Select(f => (JsonNode)f)]);
                json["long_factor"] = new JsonArray([.. scaling.LongFactors.Select(f => (JsonNode)f)]);
                break;
        }

        if (scaling.AttentionFactor is { } attention)
            json["attention_factor"] = attention;
        return json;
    }
}
