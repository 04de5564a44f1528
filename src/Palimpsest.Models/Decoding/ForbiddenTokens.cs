namespace Palimpsest.Models;

/// <summary>Never lets some tokens come.</summary>
/// <param name="ids">Ids below the vocabulary's size.</param>
public sealed class ForbiddenTokens(IEnumerable<int> ids) : ILogitProcessor, IRowProcessor
{
    private readonly int[] _ids = [.. ids];

    /// <inheritdoc/>
    public IRowProcessor Begin(IReadOnlyList<int> prompt) => this;

    /// <inheritdoc/>
    public void Process(Span<float> logits)
    {
        foreach (var id in _ids)
        {
            if (id < 0 || id >= logits.Length)
                throw new InputException($"Token id {id} cannot be forbidden; ids are from 0 to {logits.Length - 1}.");
            logits[id] = float.NegativeInfinity;
        }
    }

    /// <inheritdoc/>
    public void Accept(int token) { }
}
