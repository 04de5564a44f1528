namespace Palimpsest.Evaluation;

/// <summary>ROUGE-L of a summary as the Python package rouge 1.0.1 computes it, which other tools' ROUGE-L is
/// not.</summary>
/// <remarks>Both texts are cut at every full stop and split at white space; case and punctuation count. The words on a
/// longest common subsequence of each pair of sentences are united as a set, so that repeated words count once and the
/// order of sentences does not matter: recall = words in the union / distinct words of the reference.</remarks>
public static class SummaryRouge
{
    /// <summary>Precision and recall of the union.</summary>
    /// <param name="reference">The text that should be found.</param>
    /// <param name="prediction">The text that is judged; the package refuses an empty one, here it scores 0.</param>
    public static Overlap L(string reference, string prediction)
    {
        var (wanted, found) = (Sentences(reference), Sentences(prediction));
        var common = new HashSet<string>(StringComparer.Ordinal);
        foreach (var sentence in wanted)
        {
            foreach (var other in found)
                common.UnionWith(CommonWords(sentence, other));
        }

        return Overlap.Of(common.Count, Distinct(wanted), Distinct(found));
    }

    private static int Distinct(string[][] sentences) =>
        sentences.SelectMany(words => words).Distinct(StringComparer.Ordinal).Count();

    // A sentence of white space alone is one empty word to the package.
    private static string[][] Sentences(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return
        [
            .. text.Split('.')
                .Where(sentence => sentence.Length > 0)
                .Select(sentence => sentence.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
                .Select(words => words.Length > 0 ? words : [""]),
        ];
    }

    /// <summary>The words on the subsequence that the package walks back along: equal words are taken, else one step
    /// back in the reference where its table entry is strictly larger, otherwise in the prediction.</summary>
    private static List<string> CommonWords(string[] reference, string[] prediction)
    {
        var lengths = new int[reference.Length + 1, prediction.Length + 1];
        for (var i = 1; i <= reference.Length; i++)
        {
            for (var j = 1; j <= prediction.Length; j++)
            {
                lengths[i, j] =
                    reference[i - 1] == prediction[j - 1]
                        ? lengths[i - 1, j - 1] + 1
                        : Math.Max(lengths[i - 1, j], lengths[i, j - 1]);
            }
        }

        var words = new List<string>();
        var (row, column) = (reference.Length, prediction.Length);
        while (row > 0 && column > 0)
        {
            if (reference[row - 1] == prediction[column - 1])
            {
                words.Add(reference[row - 1]);
                (row, column) = (row - 1, column - 1);
            }
            else if (lengths[row - 1, column] > lengths[row, column - 1])
            {
                row--;
            }
            else
            {
                column--;
            }
        }

        return words;
    }
}
