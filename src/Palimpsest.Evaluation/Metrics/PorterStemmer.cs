namespace Palimpsest.Evaluation;

/// <summary>Porter's stemmer with NLTK's extensions: the variant that ROUGE scores are published with.</summary>
/// <remarks>Porter 1980, "An algorithm for suffix stripping"; NLTK adds irregular forms and softer endings in i and
/// y.</remarks>
public static class PorterStemmer
{
    private static readonly Dictionary<string, string> Irregular = new(StringComparer.Ordinal)
    {
        ["sky"] = "sky",
        ["skies"] = "sky",
        ["dying"] = "die",
        ["lying"] = "lie",
        ["tying"] = "tie",
        ["news"] = "news",
        ["innings"] = "inning",
        ["inning"] = "inning",
        ["outings"] = "outing",
        ["outing"] = "outing",
        ["cannings"] = "canning",
        ["canning"] = "canning",
        ["howe"] = "howe",
        ["proceed"] = "proceed",
        ["exceed"] = "exceed",
        ["succeed"] = "succeed",
    };

    private static readonly string[] VerbEndings = ["ed", "ing"];

    private static readonly (string Suffix, string Replacement)[] DerivationalDouble =
    [
        ("ational", "ate"),
        ("tional", "tion"),
        ("enci", "ence"),
        ("anci", "ance"),
        ("izer", "ize"),
        ("bli", "ble"),
        ("alli", "al"),
        ("entli", "ent"),
        ("eli", "e"),
        ("ousli", "ous"),
        ("ization", "ize"),
        ("ation", "ate"),
        ("ator", "ate"),
        ("alism", "al"),
        ("iveness", "ive"),
        ("fulness", "ful"),
        ("ousness", "ous"),
        ("aliti", "al"),
        ("iviti", "ive"),
        ("biliti", "ble"),
        ("fulli", "ful"),
    ];

    private static readonly (string Suffix, string Replacement)[] DerivationalSingle =
    [
        ("icate", "ic"),
        ("ative", ""),
        ("alize", "al"),
        ("iciti", "ic"),
        ("ical", "ic"),
        ("ful", ""),
        ("ness", ""),
    ];

    private static readonly string[] Residual =
    [
        "al",
        "ance",
        "ence",
        "er",
        "ic",
        "able",
        "ible",
        "ant",
        "ement",
        "ment",
        "ent",
        "ion",
        "ou",
        "ism",
        "ate",
        "iti",
        "ous",
        "ive",
        "ize",
    ];

    /// <summary>The stem of a word.</summary>
    /// <param name="word">Lower case.</param>
    public static string Stem(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        if (Irregular.TryGetValue(word, out var known))
            return known;
        if (word.Length <= 2)
            return word;
        word = EndInY(PastAndProgressive(Plural(word)));
        word = ReplaceWhenMeasured(DoubleSuffix(word), DerivationalSingle);
        return DoubleL(FinalE(StripResidual(word)));
    }

    private static string Plural(string word)
    {
        if (word.EndsWith("ies", StringComparison.Ordinal))
            return word.Length == 4 ? word[..^1] : word[..^2];
        if (word.EndsWith("sses", StringComparison.Ordinal))
            return word[..^2];
        return word.EndsWith('s') && !word.EndsWith("ss", StringComparison.Ordinal) ? word[..^1] : word;
    }

    private static string PastAndProgressive(string word)
    {
        if (word.EndsWith("ied", StringComparison.Ordinal))
            return word.Length == 4 ? word[..^1] : word[..^2];
        if (word.EndsWith("eed", StringComparison.Ordinal))
            return Measure(word.AsSpan(0, word.Length - 3)) > 0 ? word[..^1] : word;
        var suffix = Array.Find(VerbEndings, end => word.EndsWith(end, StringComparison.Ordinal));
        if (suffix is null || !HasVowel(word.AsSpan(0, word.Length - suffix.Length)))
            return word;
        var stem = word[..^suffix.Length];
        if (
            stem.EndsWith("at", StringComparison.Ordinal)
            || stem.EndsWith("bl", StringComparison.Ordinal)
            || stem.EndsWith("iz", StringComparison.Ordinal)
        )
            return stem + "e";
        if (EndsInDoubleConsonant(stem))
            return stem[^1] is 'l' or 's' or 'z' ? stem : stem[..^1];
        return Measure(stem) == 1 && EndsConsonantVowelConsonant(stem) ? stem + "e" : stem;
    }

    private static string EndInY(string word) =>
        word.EndsWith('y') && word.Length > 2 && IsConsonant(word, word.Length - 2) ? word[..^1] + "i" : word;

    private static string DoubleSuffix(string word)
    {
        while (word.EndsWith("alli", StringComparison.Ordinal) && Measure(word.AsSpan(0, word.Length - 4)) > 0)
            word = word[..^2];
        if (!word.EndsWith("logi", StringComparison.Ordinal))
            return ReplaceWhenMeasured(word, DerivationalDouble);
        return Measure(word.AsSpan(0, word.Length - 3)) > 0 ? word[..^1] : word;
    }

    private static string ReplaceWhenMeasured(string word, (string Suffix, string Replacement)[] rules)
    {
        foreach (var (suffix, replacement) in rules)
        {
            if (!word.EndsWith(suffix, StringComparison.Ordinal))
                continue;
            var stem = word[..^suffix.Length];
            return Measure(stem) > 0 ? stem + replacement : word;
        }

        return word;
    }

    private static string StripResidual(string word)
    {
        foreach (var suffix in Residual)
        {
            if (!word.EndsWith(suffix, StringComparison.Ordinal))
                continue;
            var stem = word[..^suffix.Length];
            var allowed = Measure(stem) > 1 && (suffix != "ion" || stem[^1] is 's' or 't');
            return allowed ? stem : word;
        }

        return word;
    }

    private static string FinalE(string word)
    {
        if (!word.EndsWith('e'))
            return word;
        var stem = word[..^1];
        var measure = Measure(stem);
        return measure > 1 || (measure == 1 && !EndsConsonantVowelConsonant(stem)) ? stem : word;
    }

    private static string DoubleL(string word) =>
        word.EndsWith("ll", StringComparison.Ordinal) && Measure(word.AsSpan(0, word.Length - 1)) > 1
            ? word[..^1]
            : word;

    private static bool IsConsonant(ReadOnlySpan<char> word, int index)
    {
        var consonant = true;
        for (var i = 0; i <= index; i++)
        {
            consonant = word[i] switch
            {
                'a' or 'e' or 'i' or 'o' or 'u' => false,
                'y' => i == 0 || !consonant,
                _ => true,
            };
        }

        return consonant;
    }

    private static int Measure(ReadOnlySpan<char> stem)
    {
        var count = 0;
        for (var i = 1; i < stem.Length; i++)
        {
            if (IsConsonant(stem, i) && !IsConsonant(stem, i - 1))
                count++;
        }

        return count;
    }

    private static bool HasVowel(ReadOnlySpan<char> stem)
    {
        for (var i = 0; i < stem.Length; i++)
        {
            if (!IsConsonant(stem, i))
                return true;
        }

        return false;
    }

    private static bool EndsInDoubleConsonant(string word) =>
        word.Length >= 2 && word[^1] == word[^2] && IsConsonant(word, word.Length - 1);

    private static bool EndsConsonantVowelConsonant(string word) =>
        (
            word.Length >= 3
            && IsConsonant(word, word.Length - 3)
            && !IsConsonant(word, word.Length - 2)
            && IsConsonant(word, word.Length - 1)
            && word[^1] is not ('w' or 'x' or 'y')
        ) || (word.Length == 2 && !IsConsonant(word, 0) && IsConsonant(word, 1));
}
