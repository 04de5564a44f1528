namespace Palimpsest.Cli;

/// <summary>An option whose text stands for a value of another type.</summary>
internal interface ISettingOption
{
    /// <summary>The value in its own type; the text as it is where it is none, which binding refuses.</summary>
    object? Read(string text);
}
