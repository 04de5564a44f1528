using System.Globalization;

namespace Palimpsest.Models;

/// <summary>
/// What a cache holds as named tensors and numbers. Caches give and take through the same calls, so that what is
/// restored is what was saved.
/// </summary>
/// <remarks>What is restored may be hostile: shapes, types and ranges are checked before anything is kept.</remarks>
public sealed class KvState : IDisposable
{
    private const int MostNumbers = 1 << 24;

    private readonly string _prefix = "";
    private readonly Dictionary<string, Tensor> _tensors;
    private readonly Func<string, Tensor>? _read;
    private readonly string _source;

    /// <summary>An empty state that a cache is saved into; the tensors are its own.</summary>
    public KvState()
    {
        (_source, _tensors) = ("", new(StringComparer.Ordinal));
    }

    /// <summary>A state that a cache is restored from.</summary>
    /// <param name="source">Its file, for messages.</param>
    /// <param name="contains">Whether there is a tensor of a name.</param>
    /// <param name="read">Reads one.</param>
    public KvState(string source, Func<string, bool> contains, Func<string, Tensor> read)
    {
        (_source, _tensors, _read, Contains) = (source, new(StringComparer.Ordinal), read, contains);
    }

    private KvState(KvState whole, string prefix)
    {
        (_source, _tensors, _read, Contains) = (whole._source, whole._tensors, whole._read, whole.Contains);
        _prefix = prefix;
    }

    /// <summary>True when a cache takes, false when it gives.</summary>
    public bool IsRestoring => _read is not null;

    /// <summary>What was saved, by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => _tensors;

    private Func<string, bool> Contains { get; } = _ => false;

    /// <summary>The part of a state under a name.</summary>
    public KvState Part(string name) => new(this, $"{_prefix}{name}.");

    /// <summary>A whole number.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="held">What is saved.</param>
    /// <param name="least">The least that is restored.</param>
    /// <param name="most">The most that is restored.</param>
    /// <exception cref="InputException">What is to be restored is missing or outside the range.</exception>
    public int Number(string name, int held, int least = 0, int most = int.MaxValue) =>
        (int)Numbers(name, [held], 1, least, most)[0];

    /// <summary>A yes or no.</summary>
    /// <exception cref="InputException">What is to be restored is missing or neither.</exception>
    public bool Flag(string name, bool held) => Number(name, held ? 1 : 0, 0, 1) == 1;

    /// <summary>Whole numbers.</summary>
    /// <param name="name">Their name.</param>
    /// <param name="held">What is saved.</param>
    /// <param name="count">How many are restored; −1 for any number.</param>
    /// <param name="least">The least that is restored.</param>
    /// <param name="most">The most that is restored.</param>
    /// <exception cref="InputException">What is to be restored is missing, of another number, or outside the
    /// range.</exception>
    public long[] Numbers(
        string name,
        IReadOnlyList<long> held,
        int count = -1,
        long least = 0,
        long most = int.MaxValue
    )
    {
        using var scope = NewDisposeScope();
        var given = IsRestoring ? null : tensor([.. held], [held.Count], ScalarType.Int64);
        using var kept = Exchange(name, given, ScalarType.Int64, [count])!;
        if (!IsRestoring)
            return [.. held];
        if (kept.NumberOfElements > MostNumbers)
            throw Wrong(name, $"has {kept.NumberOfElements} numbers; at most {MostNumbers} are read");
        var numbers = kept.data<long>().ToArray();
        foreach (var number in numbers)
        {
            if (number < least || number > most)
                throw Wrong(name, Text($"has {number}; allowed is {least} to {most}"));
        }

        return numbers;
    }

    /// <summary>A tensor that is always there.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="held">What is saved; stays the caller's. Nothing looks at it where the state restores.</param>
    /// <param name="type">The type that is restored.</param>
    /// <param name="shape">The shape that is restored; −1 for any size.</param>
    /// <returns>What was saved, or a restored tensor that is the caller's.</returns>
    /// <exception cref="InputException">What is to be restored is missing or of another type or shape.</exception>
    public Tensor Tensor(string name, Tensor? held, ScalarType type, params long[] shape) =>
        Exchange(name, held, type, shape) ?? throw Wrong(name, "is missing");

    /// <summary>A tensor that may be null; the parameters are those of <see cref="Tensor"/>.</summary>
    /// <exception cref="InputException">What is to be restored is of another type or shape.</exception>
    public Tensor? TensorOrNull(string name, Tensor? held, ScalarType type, params long[] shape)
    {
        var isThere = IsRestoring ? Contains(_prefix + name) : held is not null;
        return isThere ? Exchange(name, held, type, shape) : null;
    }

    /// <summary>A tensor of any type and shape.</summary>
    /// <exception cref="InputException">What is to be restored is missing.</exception>
    internal Tensor AnyTensor(string name, Tensor? held)
    {
        name = _prefix + name;
        if (IsRestoring)
            return Contains(name) ? _read!(name) : throw new InputException($"{_source}: '{name}' is missing.");
        _tensors.Add(name, held!.detach().cpu().clone().DetachFromDisposeScope());
        return held;
    }

    /// <summary>Short names, which are saved as letters.</summary>
    /// <exception cref="InputException">What is to be restored is missing or no letters.</exception>
    internal string[] Names(string name, IReadOnlyList<string> held)
    {
        var letters = Numbers(name, [.. string.Join('\n', held).Select(letter => (long)letter)], most: char.MaxValue);
        var text = new string([.. letters.Select(letter => (char)letter)]);
        return text.Length == 0 ? [] : text.Split('\n');
    }

    /// <summary>Refuses what is restored.</summary>
    /// <param name="name">Which.</param>
    /// <param name="complaint">What is wrong with it.</param>
    public InputException Wrong(string name, string complaint) => new($"{_source}: '{_prefix}{name}' {complaint}.");

    /// <summary>Refuses a restored tensor of whole numbers that has one outside a range.</summary>
    /// <exception cref="InputException">It has.</exception>
    public void RequireWithin(string name, Tensor? numbers, long least, long most)
    {
        if (!IsRestoring || numbers is null || numbers.NumberOfElements == 0)
            return;
        using var scope = NewDisposeScope();
        var (low, high) = (numbers.min().to(ScalarType.Int64), numbers.max().to(ScalarType.Int64));
        if (low.item<long>() < least || high.item<long>() > most)
            throw Wrong(name, Text($"has {low.item<long>()} to {high.item<long>()}; allowed is {least} to {most}"));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var saved in _tensors.Values)
            saved.Dispose();
    }

    private Tensor? Exchange(string name, Tensor? held, ScalarType type, long[] shape)
    {
        name = _prefix + name;
        if (!IsRestoring)
        {
            ArgumentNullException.ThrowIfNull(held);
            _tensors.Add(name, held.detach().cpu().clone().DetachFromDisposeScope());
            return held;
        }

        if (!Contains(name))
            throw new InputException($"{_source}: '{name}' is missing.");
        var restored = _read!(name);
        var fits = restored.shape.Length == shape.Length;
        for (var i = 0; fits && i < shape.Length; i++)
            fits = shape[i] < 0 || shape[i] == restored.shape[i];
        if (fits && restored.dtype == type)
            return restored;
        var found = $"is {restored.dtype} [{string.Join(", ", restored.shape)}]";
        restored.Dispose();
        throw new InputException(
            $"{_source}: '{name}' {found}; allowed is {type} "
                + $"[{string.Join(", ", shape.Select(size => size < 0 ? "any" : Text($"{size}")))}]."
        );
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
