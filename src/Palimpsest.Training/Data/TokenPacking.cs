namespace Palimpsest.Training;

/// <summary>Joins texts into blocks of equal length for plain language modelling.</summary>
public static class TokenPacking
{
    /// <summary>Concatenates documents, each followed by an end token, and cuts the stream into blocks.</summary>
    /// <param name="documents">Token ids of each text.</param>
    /// <param name="endId">The id between documents.</param>
    /// <param name="blockLength">Tokens per block, at least 2; a rest shorter than 2 is left out.</param>
    /// <returns>Blocks in which every token but the first is predicted.</returns>
    public static IReadOnlyList<TokenSequence> Pack(IEnumerable<int[]> documents, int endId, int blockLength)
    {
        Require.AtLeast(blockLength, 2, nameof(blockLength));
        int[] stream = [.. documents.SelectMany(document => document.Append(endId))];
        return
        [
            .. stream
                .Chunk(blockLength)
                .Where(block => block.Length > 1)
                .Select((block, row) => new TokenSequence(block, 1, row)),
        ];
    }
}
