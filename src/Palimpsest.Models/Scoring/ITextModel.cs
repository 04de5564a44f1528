namespace Palimpsest.Models;

/// <summary>Prompts in, text out: all that a black-box attack or benchmark needs.</summary>
public interface ITextModel
{
    /// <summary>A short name for tables.</summary>
    string Name { get; }

    /// <summary>Answers each conversation with new text, in order.</summary>
    /// <param name="conversations">Each a list of turns that ends with a user's.</param>
    /// <param name="options">How to decode.</param>
    /// <param name="cancellationToken">Stops between tokens.</param>
    Task<IReadOnlyList<string>> ReplyAsync(
        IReadOnlyList<IReadOnlyList<Turn>> conversations,
        GenerationOptions options,
        CancellationToken cancellationToken = default
    );
}
