namespace Palimpsest.Models;

/// <summary>A scored model that goes on with token ids as they are, whether a chat template wrote them or not: what
/// benchmarks need that prompt with running text.</summary>
public interface ICompletionModel : IScoredModel
{
    /// <summary>Goes on with each prompt and gives the new text, in order.</summary>
    /// <param name="prompts">Token ids, at least one each.</param>
    /// <param name="options">How to decode.</param>
    /// <param name="cancellationToken">Stops between tokens.</param>
    /// <exception cref="InputException">A prompt is empty or as long as the model's positions.</exception>
    Task<IReadOnlyList<string>> CompleteAsync(
        IReadOnlyList<int[]> prompts,
        GenerationOptions options,
        CancellationToken cancellationToken = default
    );
}
