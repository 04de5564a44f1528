using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>Unicode's compatibility decomposition (NFKD), which the runtime leaves out where globalization is
/// invariant.</summary>
public static class CompatibilityForm
{
    /// <summary>The decomposed text: accents stand behind their letters, ligatures and wide forms are plain
    /// letters.</summary>
    public static string Decompose(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (UnicodeForms.IsTrivial(text, compatibility: true, compose: false))
            return text;
        var result = new StringBuilder(text.Length + 8);
        foreach (var change in UnicodeForms.Apply(text, compatibility: true, compose: false))
            result.Append(new Rune(change.Scalar).ToString());
        return result.ToString();
    }
}
