namespace Palimpsest.Evaluation;

/// <summary>Edit distance: fewest insertions, deletions and substitutions that turn one sequence into
/// another.</summary>
public static class Levenshtein
{
    /// <summary>The distance, in [0, max of the lengths].</summary>
    public static int Distance<T>(ReadOnlySpan<T> first, ReadOnlySpan<T> second)
        where T : IEquatable<T>
    {
        var row = new int[second.Length + 1];
        for (var j = 0; j < row.Length; j++)
            row[j] = j;
        for (var i = 1; i <= first.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j < row.Length; j++)
            {
                var substituted = diagonal + (first[i - 1].Equals(second[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[^1];
    }

    /// <summary>1 − distance / longer length, in [0, 1]; two empty texts give 1.</summary>
    public static double Similarity(string first, string second)
    {
        var longer = Math.Max(first.Length, second.Length);
        return longer == 0 ? 1 : 1 - (double)Distance<char>(first, second) / longer;
    }
}
