using System.Text.Json;

namespace Palimpsest.Foundation;

public readonly partial record struct JsonField
{
    /// <summary>Largest size that <see cref="AsSize"/> takes.</summary>
    public const int LargestSize = 1 << 24;

    /// <summary>The object, or null when absent.</summary>
    /// <exception cref="InputException">It is something else.</exception>
    public JsonField? AsObject()
    {
        if (IsNull)
            return null;
        Expect(JsonValueKind.Object);
        return this;
    }

    /// <summary>A count or size in [<paramref name="least"/>, 2^24].</summary>
    /// <exception cref="InputException">It is absent and nothing stands for it, not whole, or out of range.</exception>
    public int AsSize(int? absent = null, int least = 1)
    {
        if (IsNull)
            return absent ?? throw Error("is missing.");
        return AsInteger(least, LargestSize);
    }

    /// <summary>A size from 1, or null when absent.</summary>
    public int? AsSizeOrNull() => IsNull ? null : AsSize();

    /// <summary>A finite number, or another when absent.</summary>
    public double AsNumber(double absent) => IsNull ? absent : AsNumber();

    /// <summary>A finite number, or null when absent.</summary>
    public double? AsNumberOrNull() => IsNull ? null : AsNumber();

    /// <summary>A finite number above 0, or another when absent.</summary>
    public double AsPositive(double absent) => AsPositiveOrNull() ?? absent;

    /// <summary>A finite number above 0, or null when absent.</summary>
    public double? AsPositiveOrNull()
    {
        var number = AsNumberOrNull();
        return number is null or > 0 ? number : throw Refusal("a number above 0");
    }

    /// <summary>A list of strings, or null when absent.</summary>
    public IReadOnlyList<string>? AsStrings() => IsNull ? null : [.. Elements().Select(element => element.AsString())];

    /// <summary>A list of finite numbers, empty when absent.</summary>
    public IReadOnlyList<double> AsNumbers() => IsNull ? [] : [.. Elements().Select(element => element.AsNumber())];

    /// <summary>A token id or a list of them, empty when absent.</summary>
    public IReadOnlyList<int> AsTokenIds()
    {
        if (IsNull)
            return [];
        return Value.ValueKind == JsonValueKind.Array
            ? [.. Elements().Select(element => element.AsInteger(int.MinValue, int.MaxValue))]
            : [AsInteger(int.MinValue, int.MaxValue)];
    }

    /// <summary>The error of a value that is not among those allowed.</summary>
    public InputException Refusal(string allowed) => Error($"{Shown()} is not supported; allowed is {allowed}.");
}
