namespace Palimpsest.Models;

/// <summary>Changes the logits of rows before their next token is chosen: penalties, bans, grammars, guards.</summary>
/// <remarks>Shared by all rows, and by calls that run at once; what a row has seen is kept by its own
/// <see cref="IRowProcessor"/>.</remarks>
public interface ILogitProcessor
{
    /// <summary>Begins a row.</summary>
    /// <param name="prompt">The ids that the row goes on from; empty for a prompt of embeddings.</param>
    IRowProcessor Begin(IReadOnlyList<int> prompt);

    /// <summary>Begins a row; for processors that need to know how long it can get, or what ends it.</summary>
    IRowProcessor Begin(RowStart row) => Begin(row.Prompt);
}
