namespace Palimpsest.Evaluation;

/// <summary>Which models let a test look inside.</summary>
internal static class WeightAccess
{
    /// <summary>A model's decoder; null where it has none that is the whole model.</summary>
    public static CausalLM? DecoderOf(IScoredModel model) => (model as IWeightModel)?.Decoder;

    /// <summary>Why hidden states cannot be read; null when they can.</summary>
    public static string? WhyNot(AuditContext context)
    {
        foreach (var role in context.Roles)
        {
            if (DecoderOf(context.ModelOf(role)) is null)
                return $"the {AuditContext.NameOf(role)} model gives no access to its weights";
        }

        return null;
    }

    /// <summary>Why weights cannot be changed; null when they can.</summary>
    public static string? WhyNotChange(AuditContext context)
    {
        foreach (var role in context.Roles)
        {
            if (context.ModelOf(role) is not IWeightModel)
                return $"the {AuditContext.NameOf(role)} model has no weights of its own to change";
        }

        return null;
    }

    /// <summary>Why weights cannot be trained; null when they can.</summary>
    public static string? WhyNotTrain(AuditContext context)
    {
        foreach (var role in context.Roles)
        {
            if (DecoderOf(context.ModelOf(role)) is { IsDense: false, Attachments.Count: 0 })
                return $"the {AuditContext.NameOf(role)} model's weights are held as codes, which do not train";
        }

        return null;
    }
}
