namespace Palimpsest.Samples.Tofu;

/// <summary>What is trained and what is forgotten. Three plans stand ready; a <c>with</c> makes another.</summary>
internal sealed record TofuPlan
{
    /// <summary>The split that asks to be forgotten.</summary>
    public string Forget { get; init; } = "forget10";

    /// <summary>Authors that are kept, 20 rows each, from the data's first on.</summary>
    public int RetainAuthors { get; init; } = 60;

    /// <summary>Authors that neither model sees, for membership tests.</summary>
    public int HoldoutAuthors { get; init; } = 20;

    /// <summary>Width of the model's hidden states.</summary>
    public int HiddenSize { get; init; } = 256;

    /// <summary>Passes over the rows.</summary>
    public int Epochs { get; init; } = 25;

    /// <summary>Share of the forget questions that the full model has to answer before anything is forgotten.</summary>
    public double LeastAccuracy { get; init; } = 0.95;

    /// <summary>Seed of everything random.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>60 authors to keep and 20 to forget: about an hour on two cores.</summary>
    public static TofuPlan Part { get; } = new();

    /// <summary>All 200 authors. None is left over that no model saw, so membership is not measured.</summary>
    public static TofuPlan All { get; } = new() { RetainAuthors = 180, HoldoutAuthors = 0 };

    /// <summary>Shows that every step works, in some minutes; its model is too small and too young to say
    /// more.</summary>
    public static TofuPlan Smoke { get; } =
        new()
        {
            Forget = "forget01",
            RetainAuthors = 3,
            HoldoutAuthors = 2,
            HiddenSize = 64,
            Epochs = 40,
            LeastAccuracy = 0.05,
        };
}
