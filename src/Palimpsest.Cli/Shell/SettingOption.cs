using System.CommandLine;

namespace Palimpsest.Cli;

/// <summary>An option that stands for a property of an options record; its default is the record's.</summary>
internal sealed class SettingOption : Option<string?>, ISettingOption
{
    private readonly Func<string, object?> _read;

    /// <summary>An option without a value of its own.</summary>
    /// <param name="name">As typed.</param>
    /// <param name="defaultText">The record's default as text, or null.</param>
    /// <param name="read">Turns a text into the property's type.</param>
    public SettingOption(string name, string? defaultText, Func<string, object?> read)
        : base(name)
    {
        _read = read;
        if (defaultText is not null)
            DefaultValueFactory = _ => defaultText;
    }

    /// <inheritdoc/>
    public object? Read(string text)
    {
        try
        {
            return _read(text);
        }
        catch (FormatException)
        {
            return text;
        }
    }
}
