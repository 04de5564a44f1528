using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace Palimpsest.Cli;

/// <summary>An option that takes a whole number, with a default and a least value.</summary>
internal sealed class WholeOption<T> : Option<string?>, ISettingOption
    where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
{
    private readonly T _default;
    private readonly T _least;

    /// <summary>An option.</summary>
    /// <param name="name">As typed.</param>
    /// <param name="description">For help.</param>
    /// <param name="absent">The value when it is not typed.</param>
    /// <param name="least">The least value that is allowed.</param>
    public WholeOption(string name, string description, T absent, T least)
        : base(name)
    {
        (_default, _least) = (absent, least);
        Description = description;
        HelpName = "whole number";
        var text = absent.ToString(null, CultureInfo.InvariantCulture);
        DefaultValueFactory = _ => text;
    }

    /// <summary>The number that was typed, or the default; the default too on a command that has no such
    /// option.</summary>
    /// <exception cref="InputException">The text is no whole number, or one below the least.</exception>
    public T Of(ParseResult parsed)
    {
        if (parsed.GetValue(this) is not { } text)
            return _default;
        try
        {
            var value = NumberText.Parse<T>(text);
            return value >= _least
                ? value
                : throw new InputException($"{Name}: {text} is too small; allowed are whole numbers from {_least}.");
        }
        catch (FormatException error)
        {
            throw new InputException($"{Name}: '{text}' {error.Message}.", error);
        }
    }

    /// <inheritdoc/>
    public object Read(string text) =>
        T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : text;
}
