namespace Palimpsest.Tokenizers;

/// <summary>One stream after the other.</summary>
internal sealed class StreamChain(IReadOnlyList<ITokenDecoderStream> parts) : ITokenDecoderStream
{
    /// <inheritdoc/>
    public void Add(string token, List<string> output) => output.AddRange(Run([token], ends: false));

    /// <inheritdoc/>
    public void End(List<string> output) => output.AddRange(Run([], ends: true));

    private List<string> Run(List<string> pieces, bool ends)
    {
        foreach (var part in parts)
        {
            var next = new List<string>(pieces.Count);
            foreach (var piece in pieces)
                part.Add(piece, next);
            if (ends)
                part.End(next);
            pieces = next;
        }

        return pieces;
    }
}
