using Palimpsest.Worlds;

namespace Palimpsest.Inference.Tests;

/// <summary>The model of <see cref="ToolCallRecipe"/>, kept between runs in the user's cache.</summary>
internal static class ToolCaller
{
    private static readonly Lazy<LanguageModel> Trained = new(() =>
        new Workbench().LoadAsync(ToolCallRecipe.Create()).GetAwaiter().GetResult()
    );

    /// <summary>Shared, and nobody's to dispose.</summary>
    public static LanguageModel Model => Trained.Value;
}
