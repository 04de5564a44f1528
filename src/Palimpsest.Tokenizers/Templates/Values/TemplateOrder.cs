using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Palimpsest.Tokenizers;

/// <summary>Python's equality and order of values.</summary>
internal static class TemplateOrder
{
    private const int WorkOfItem = 8; // looking at an item costs as much as looking at so many characters

    public static bool AreEqual(object? a, object? b)
    {
        if (TemplateValue.AsText(a) is { } text)
            return text == TemplateValue.AsText(b);
        if (a is long m && b is long n)
            return m == n;
        if (TemplateValue.Number(a) is { } x)
            return TemplateValue.Number(b) is { } y && x == y;
        return a switch
        {
            null => b is null,
            Undefined => b is Undefined,
            List<object?> items => b is List<object?> others
                && a is TemplateTuple == b is TemplateTuple
                && AllEqual(items, others),
            TemplateMapping entries => b is TemplateMapping others && AllEqual(entries, others),
            TemplateRange range => b is TemplateRange other && AllEqual(range.Items, other.Items),
            TemplateView { IsSet: true } view => b is TemplateView { IsSet: true } other && HaveSame(view, other),
            _ => ReferenceEquals(a, b),
        };
    }

    /// <summary>Negative, zero or positive as the first comes before, with or after the second.</summary>
    /// <exception cref="TemplateError">The two have no order.</exception>
    public static int Compare(object? a, object? b)
    {
        if (TemplateValue.AsText(a) is { } text && TemplateValue.AsText(b) is { } other)
            return TemplateText.Compare(text, other);
        if (a is long m && b is long n)
            return m.CompareTo(n);
        if (TemplateValue.Number(a) is { } x && TemplateValue.Number(b) is { } y)
            return x.CompareTo(y);
        if (a is List<object?> first && b is List<object?> second && a is TemplateTuple == b is TemplateTuple)
            return CompareItems(first, second);
        if ((a as Undefined ?? b as Undefined) is { } missing)
            throw TemplateValue.Missing(missing);
        throw new TemplateError($"{TemplateValue.Kind(a)} and {TemplateValue.Kind(b)} have no order.");
    }

    /// <summary>One of the signs <c>&lt; &lt;= &gt; &gt;=</c>; nothing holds of a number that is none.</summary>
    public static bool Holds(string sign, object? a, object? b)
    {
        if (IsNaN(a) || IsNaN(b))
        {
            Compare(a, b);
            return false;
        }

        var order = Compare(a, b);
        return sign switch
        {
            "<" => order < 0,
            "<=" => order <= 0,
            ">" => order > 0,
            _ => order >= 0,
        };
    }

    /// <summary>Sorted, those alike in their old order.</summary>
    public static List<object?> Sorted(IEnumerable<object?> items, Func<object?, object?> key, bool isDescending)
    {
        var comparer = Comparer<object?>.Create(
            (a, b) =>
            {
                TemplateRun.Charge(1);
                return Compare(a, b);
            }
        );
        try
        {
            return isDescending
                ? items.OrderByDescending(key, comparer).ToList()
                : items.OrderBy(key, comparer).ToList();
        }
        catch (InvalidOperationException error) when (error.InnerException is { } cause)
        {
            ExceptionDispatchInfo.Throw(cause); // the comparison's own error, which .NET wraps
            throw;
        }
    }

    private static bool IsNaN(object? value) => value is double.NaN;

    private static int CompareItems(List<object?> first, List<object?> second)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var most = Math.Min(first.Count, second.Count);
        TemplateRun.Charge(most);
        for (var i = 0; i < most; i++)
        {
            if (!AreEqual(first[i], second[i]))
                return Compare(first[i], second[i]);
        }

        return first.Count.CompareTo(second.Count);
    }

    private static bool AllEqual(List<object?> x, List<object?> y)
    {
        if (x.Count != y.Count)
            return false;
        RuntimeHelpers.EnsureSufficientExecutionStack();
        TemplateRun.Charge(WorkOfItem * (1L + x.Count));
        return x.Zip(y).All(pair => AreEqual(pair.First, pair.Second));
    }

    private static bool HaveSame(TemplateView x, TemplateView y)
    {
        TemplateRun.Charge((long)x.Count * y.Count);
        return x.Count == y.Count && x.Items.All(item => y.Items.Any(other => AreEqual(item, other)));
    }

    private static bool AllEqual(TemplateMapping x, TemplateMapping y)
    {
        if (x.Count != y.Count)
            return false;
        RuntimeHelpers.EnsureSufficientExecutionStack();
        TemplateRun.Charge(WorkOfItem * (1L + x.Count));
        return x.All(entry => y.TryGetValue(entry.Key, out var other) && AreEqual(entry.Value, other));
    }
}
