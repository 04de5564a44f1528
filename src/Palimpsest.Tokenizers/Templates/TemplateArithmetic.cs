namespace Palimpsest.Tokenizers;

/// <summary>Python's operators on template values.</summary>
internal static class TemplateArithmetic
{
    public static object? Apply(string name, object? a, object? b)
    {
        if (name == "~")
            return Joined(TemplateValue.Show(a), TemplateValue.Show(b));
        if (name == "+" && a is string left && b is string right)
            return Joined(left, right);
        if (name == "+" && a is List<object?> first && b is List<object?> second)
        {
            TemplateRun.CheckLength(first.Count + (long)second.Count);
            return first.Concat(second).ToList();
        }

        if (name == "%" && a is string format)
            return TemplateFormat.Percent(format, b as TemplateTuple ?? [b]);
        if (name == "*" && a is string text && b is long times)
        {
            var count = (int)Math.Clamp(times, 0, text.Length == 0 ? 0 : ChatTemplate.MostCharacters + 1L);
            TemplateRun.CheckLength((long)text.Length * count);
            return string.Concat(Enumerable.Repeat(text, count));
        }

        if (a is long m && b is long n)
            return OnWhole(name, m, n);
        return TemplateValue.Number(a) is { } x && TemplateValue.Number(b) is { } y
            ? OnNumbers(name, x, y)
            : throw TemplateValue.Wrong($"apply '{name}' to", TemplateValue.Number(a) is null ? a : b);
    }

    private static string Joined(string a, string b)
    {
        TemplateRun.CheckLength(a.Length + (long)b.Length);
        return a + b;
    }

    private static object OnWhole(string name, long m, long n)
    {
        if (n == 0 && name is "/" or "//" or "%" && n == 0)
            throw new InputException("Chat template: division by zero.");
        try
        {
            return name switch
            {
                "+" => checked(m + n),
                "-" => checked(m - n),
                "*" => checked(m * n),
                "/" => (double)m / n,
                "//" => (long)Math.Floor((double)m / n),
                "%" => ((m % n) + n) % n,
                _ => OnNumbers(name, m, n) is var power && n >= 0 && Math.Abs(power) < 9e15
                    ? (object)(long)power
                    : power,
            };
        }
        catch (OverflowException error)
        {
            throw new InputException($"Chat template: {m} {name} {n} is too large.", error);
        }
    }

    private static double OnNumbers(string name, double x, double y) =>
        name switch
        {
            "+" => x + y,
            "-" => x - y,
            "*" => x * y,
            "/" => x / y,
            "//" => Math.Floor(x / y),
            "%" => x - (y * Math.Floor(x / y)),
            _ => Math.Pow(x, y),
        };
}
