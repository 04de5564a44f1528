namespace Palimpsest.Evaluation;

/// <summary>Which models let a test look inside.</summary>
internal static class WeightAccess
{
    /// <summary>A model's decoder; null where it has none that is the whole model.</summary>
    public static CausalLM? DecoderOf(IScoredModel model) => model.Decoder;

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
}
