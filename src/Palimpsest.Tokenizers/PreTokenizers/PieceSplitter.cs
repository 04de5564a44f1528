namespace Palimpsest.Tokenizers;

/// <summary>Turns the delimiters found in a piece into smaller pieces.</summary>
internal static class PieceSplitter
{
    /// <summary>Reads a behaviour's name.</summary>
    public static SplitBehavior ReadBehavior(JsonField field, SplitBehavior absent) =>
        field.AsString(null) switch
        {
            null => absent,
            "Removed" or "removed" => SplitBehavior.Removed,
            "Isolated" or "isolated" => SplitBehavior.Isolated,
            "MergedWithPrevious" or "merged_with_previous" => SplitBehavior.MergedWithPrevious,
            "MergedWithNext" or "merged_with_next" => SplitBehavior.MergedWithNext,
            "Contiguous" or "contiguous" => SplitBehavior.Contiguous,
            var other => throw field.Error($"{JsonField.Shown(other)} is not a known split behaviour."),
        };

    /// <summary>Cuts a piece.</summary>
    /// <param name="piece">The piece.</param>
    /// <param name="delimiters">Ranges inside it, in order, that do not overlap.</param>
    /// <param name="invert">Whether what lies between the ranges are the delimiters.</param>
    /// <param name="behavior">What becomes of delimiters.</param>
    /// <param name="output">Takes the parts.</param>
    public static void Cut(
        TextPiece piece,
        List<(int Start, int End)> delimiters,
        bool invert,
        SplitBehavior behavior,
        List<TextPiece> output
    )
    {
        var parts = new List<(int Start, int End, bool IsDelimiter)>((delimiters.Count * 2) + 1);
        var done = piece.Start;
        foreach (var (start, end) in delimiters)
        {
            if (start > done)
                parts.Add((done, start, invert));
            parts.Add((start, end, !invert));
            done = end;
        }

        if (done < piece.End)
            parts.Add((done, piece.End, invert));
        switch (behavior)
        {
            case SplitBehavior.Removed:
                foreach (var (start, end, isDelimiter) in parts)
                {
                    if (!isDelimiter)
                        output.Add(new TextPiece(start, end - start));
                }

                break;
            case SplitBehavior.Isolated:
                foreach (var (start, end, _) in parts)
                    output.Add(new TextPiece(start, end - start));
                break;
            case SplitBehavior.MergedWithNext:
                MergeForward(parts, output);
                break;
            default:
                MergeBack(parts, behavior, output);
                break;
        }
    }

    private static void MergeBack(
        List<(int Start, int End, bool IsDelimiter)> parts,
        SplitBehavior behavior,
        List<TextPiece> output
    )
    {
        var first = output.Count;
        var previous = false;
        foreach (var (start, end, isDelimiter) in parts)
        {
            var merges = behavior == SplitBehavior.Contiguous ? isDelimiter == previous : isDelimiter && !previous;
            if (merges && output.Count > first)
                output[^1] = output[^1] with { Length = end - output[^1].Start };
            else
                output.Add(new TextPiece(start, end - start));
            previous = isDelimiter;
        }
    }

    private static void MergeForward(List<(int Start, int End, bool IsDelimiter)> parts, List<TextPiece> output)
    {
        var first = output.Count;
        var previous = false;
        for (var i = parts.Count - 1; i >= 0; i--)
        {
            var (start, end, isDelimiter) = parts[i];
            if (isDelimiter && !previous && output.Count > first)
                output[^1] = new TextPiece(start, output[^1].End - start);
            else
                output.Add(new TextPiece(start, end - start));
            previous = isDelimiter;
        }

        output.Reverse(first, output.Count - first);
    }
}
