using Palimpsest.Inference;
using Palimpsest.TestKit;
using Palimpsest.Worlds;

namespace Palimpsest.Worlds.Tests;

/// <summary>The recall recipe in a size that is learnt in seconds, trained once for all tests.</summary>
public sealed class SmallRecall : IAsyncLifetime
{
    private readonly TemporaryFolder _cache = new();
    private LanguageModel? _model;

    public static RecallTaskOptions Options { get; } =
        new()
        {
            Words = 48,
            Facts = 8,
            Filler = 16,
            Questions = 8,
            Steps = 450,
        };

    public RecallTask Task { get; } = new(Options);

    public LanguageModel Model => _model!;

    public async ValueTask InitializeAsync() =>
        _model = await new Workbench(_cache.Path).LoadAsync(RecallRecipe.Create(Options));

    public ValueTask DisposeAsync()
    {
        _model?.Dispose();
        _cache.Dispose();
        return ValueTask.CompletedTask;
    }
}
