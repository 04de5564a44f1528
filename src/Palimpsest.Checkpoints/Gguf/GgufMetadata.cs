using System.Globalization;

namespace Palimpsest.Checkpoints;

/// <summary>The keys and values of a GGUF file; every error is one line with file, key, value and what is
/// allowed.</summary>
/// <param name="file">The file's name, for messages.</param>
/// <param name="values">
/// Values by key, in the file's order: numbers, truth values and strings as .NET's own types, arrays of them, and
/// <c>object[]</c> for arrays of arrays.
/// </param>
public sealed class GgufMetadata(string file, IReadOnlyDictionary<string, object> values)
{
    /// <summary>The file's name, for messages.</summary>
    public string File { get; } = file;

    /// <summary>Values by key, in the file's order.</summary>
    public IReadOnlyDictionary<string, object> Values { get; } = values;

    /// <summary>True when the key is there.</summary>
    public bool Has(string key) => Values.ContainsKey(key);

    /// <summary>A string, or null when the key is missing.</summary>
    public string? Text(string key) =>
        Values.GetValueOrDefault(key) switch
        {
            null => null,
            string text => text,
            var other => throw Refuse(key, other, "a string"),
        };

    /// <summary>A truth value.</summary>
    public bool Flag(string key, bool ifAbsent) =>
        Values.GetValueOrDefault(key) switch
        {
            null => ifAbsent,
            bool flag => flag,
            var other => throw Refuse(key, other, "true or false"),
        };

    /// <summary>A whole number within a range, or null when the key is missing.</summary>
    public int? WholeOrNull(string key, int least = 0, int most = 1 << 24)
    {
        if (Values.GetValueOrDefault(key) is not { } value)
            return null;
        long? number = value switch
        {
            byte or sbyte or ushort or short or uint or int or long => Convert.ToInt64(
                value,
                CultureInfo.InvariantCulture
            ),
            ulong large => large <= long.MaxValue ? (long)large : long.MaxValue,
            _ => null,
        };
        return number >= least && number <= most
            ? (int)number
            : throw Refuse(key, value, $"a whole number from {least} to {most}");
    }

    /// <summary>A whole number within a range.</summary>
    /// <exception cref="InputException">It is missing or outside.</exception>
    public int Whole(string key, int? ifAbsent = null, int least = 1) =>
        WholeOrNull(key, least) ?? ifAbsent ?? throw new InputException($"{File}: key '{key}' is missing.");

    /// <summary>A finite number, or null when the key is missing.</summary>
    public double? RealOrNull(string key) =>
        Values.GetValueOrDefault(key) switch
        {
            null => null,
            float number when float.IsFinite(number) => double.Parse(
                number.ToString("r", CultureInfo.InvariantCulture),
                CultureInfo.InvariantCulture
            ),
            double number when double.IsFinite(number) => number,
            var other => throw Refuse(key, other, "a finite number"),
        };

    /// <summary>A list of strings, or null when the key is missing.</summary>
    public IReadOnlyList<string>? Texts(string key) =>
        Values.GetValueOrDefault(key) switch
        {
            null => null,
            string[] texts => texts,
            var other => throw Refuse(key, other, "a list of strings"),
        };

    /// <summary>A list of whole numbers, or null when the key is missing.</summary>
    public IReadOnlyList<int>? Wholes(string key) =>
        Values.GetValueOrDefault(key) switch
        {
            null => null,
            int[] numbers => numbers,
            uint[] numbers when Array.TrueForAll(numbers, n => n <= int.MaxValue) => Array.ConvertAll(
                numbers,
                n => (int)n
            ),
            var other => throw Refuse(key, other, "a list of 32-bit whole numbers"),
        };

    /// <summary>A list of finite numbers, or null when the key is missing.</summary>
    public IReadOnlyList<float>? Reals(string key) =>
        Values.GetValueOrDefault(key) switch
        {
            null => null,
            float[] numbers when Array.TrueForAll(numbers, float.IsFinite) => numbers,
            var other => throw Refuse(key, other, "a list of finite numbers"),
        };

    /// <summary>The error of a key whose value is not allowed.</summary>
    public InputException Refuse(string key, string allowed) => Refuse(key, Values.GetValueOrDefault(key), allowed);

    private InputException Refuse(string key, object? value, string allowed)
    {
        var shown = value switch
        {
            null => "missing",
            string text => JsonField.Shown(text),
            Array array => $"a list of {array.Length} values of type {array.GetType().GetElementType()!.Name}",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture),
        };
        return new($"{File}: key '{key}' is {shown}; allowed is {allowed}.");
    }
}
