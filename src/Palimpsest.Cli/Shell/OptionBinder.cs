using System.CommandLine;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace Palimpsest.Cli;

/// <summary>Turns the simple properties of an options record into command-line options, and back into a
/// record.</summary>
public sealed class OptionBinder
{
    private readonly List<(PropertyInfo Property, SettingOption Option)> _options = [];
    private readonly Type _type;

    private OptionBinder(Type type) => _type = type;

    /// <summary>Adds one option for each property that a text can set.</summary>
    /// <param name="command">Gets the options; one whose name it already has gets the record's before it, for example
    /// <c>--relearn-seed</c>.</param>
    /// <param name="type">A record with a constructor without parameters.</param>
    /// <param name="except">Properties that the caller sets itself.</param>
    /// <exception cref="InvalidOperationException">The command has that name, too.</exception>
    public static OptionBinder AddTo(Command command, Type type, params IReadOnlyList<string> except)
    {
        var binder = new OptionBinder(type);
        var defaults = Activator.CreateInstance(type)!;
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (!property.CanWrite || !IsSimple(property.PropertyType) || except.Contains(property.Name))
                continue;
            var name = FreeName(command, type, property);
            var option = new SettingOption(
                name,
                Text(property.GetValue(defaults)),
                text => Convert(text, property.PropertyType)
            )
            {
                Description = XmlSummary.Of(property),
                HelpName = TypeName(property.PropertyType),
            };
            command.Add(option);
            binder._options.Add((property, option));
        }

        return binder;
    }

    private static string FreeName(Command command, Type record, PropertyInfo property)
    {
        bool IsTaken(string name) => command.Options.Any(option => option.Name == name);
        var name = $"--{Kebab(property.Name)}";
        if (!IsTaken(name))
            return name;
        name = $"--{Kebab(record.Name.Replace("Options", "", StringComparison.Ordinal))}-{Kebab(property.Name)}";
        return IsTaken(name) ? throw new InvalidOperationException($"'{command.Name}' has two options {name}.") : name;
    }

    /// <summary>A record with the values that were given; the others keep their defaults.</summary>
    /// <exception cref="InputException">A value is not of the option's type or outside its range.</exception>
    public object Bind(ParseResult parsed)
    {
        var record = Activator.CreateInstance(_type)!;
        foreach (var (property, option) in _options)
        {
            if (parsed.GetValue(option) is { } text)
                Set(record, property, option.Name, text);
        }

        return record;
    }

    /// <summary>Refuses options of this record that were given although they have no effect.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="reason">Why they have none, for example <c>--model brings its own sizes</c>.</param>
    /// <param name="properties">Which properties' options; all by default.</param>
    /// <exception cref="InputException">One was given; the message has the first.</exception>
    public void RefuseGiven(ParseResult parsed, string reason, params IReadOnlyList<string> properties) =>
        GivenOptions.Refuse(
            parsed,
            reason,
            [
                .. _options
                    .Where(option => properties.Count == 0 || properties.Contains(option.Property.Name))
                    .Select(option => option.Option),
            ]
        );

    /// <summary>The settings of an options record that a text can set, as command lines spell them, with their
    /// values.</summary>
    public static IReadOnlyList<(string Name, string Value)> Settings(object record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return
        [
            .. record
                .GetType()
                .GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property.CanWrite && IsSimple(property.PropertyType))
                .Select(property => (Kebab(property.Name), Text(property.GetValue(record)) ?? "none")),
        ];
    }

    /// <summary>Sets one of <see cref="Settings"/> in a record that nobody else holds.</summary>
    /// <exception cref="InputException">The name is not known, or the value is not of its type or outside its
    /// range.</exception>
    public static void Set(object record, string name, string text)
    {
        ArgumentNullException.ThrowIfNull(record);
        var property = record
            .GetType()
            .GetProperties()
            .FirstOrDefault(p => p.CanWrite && IsSimple(p.PropertyType) && Kebab(p.Name) == name);
        if (property is null)
        {
            var known = Settings(record).Select(setting => setting.Name).ToArray();
            throw new InputException(
                $"There is no setting '{name}'; "
                    + (
                        NearestName.Of(name, known) is { } near
                            ? $"did you mean {near}?"
                            : $"known are {string.Join(", ", known)}."
                    )
            );
        }

        Set(record, property, name, text);
    }

    private static void Set(object record, PropertyInfo property, string name, string text)
    {
        try
        {
            property.SetValue(record, Convert(text, property.PropertyType));
        }
        catch (TargetInvocationException error) when (error.InnerException is ArgumentException inner)
        {
            throw new InputException($"{name}: {text} is not allowed; it {Rule(inner, property)}", inner);
        }
        catch (FormatException error)
        {
            throw new InputException($"{name}: '{text}' {error.Message}.", error);
        }
    }

    // "TopP must be <= 1. (Parameter 'TopP') Actual value was 2." without what the user has not typed.
    private static string Rule(ArgumentException error, PropertyInfo property)
    {
        var message = error.Message.ReplaceLineEndings(" ");
        var end = message.IndexOf(" (Parameter", StringComparison.Ordinal);
        message = end < 0 ? message : message[..end];
        return message.Replace($"{property.Name} ", "", StringComparison.Ordinal);
    }

    private static bool IsSimple(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum
            || type == typeof(int)
            || type == typeof(long)
            || type == typeof(ulong)
            || type == typeof(double)
            || type == typeof(bool)
            || type == typeof(string);
    }

    private static object Convert(string text, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum)
            return Enum.Parse(type, EnumName(text, type));
        if (type == typeof(string))
            return text;
        if (type == typeof(double))
            return NumberText.Parse(text);
        if (type == typeof(int))
            return NumberText.Parse<int>(text);
        if (type == typeof(long))
            return NumberText.Parse<long>(text);
        if (type == typeof(ulong))
            return NumberText.Parse<ulong>(text);
        return bool.TryParse(text, out var flag) ? flag : throw new FormatException("is not one of true, false");
    }

    private static string EnumName(string text, Type type) =>
        Enum.GetNames(type)
            .FirstOrDefault(name =>
                string.Equals(name, text, StringComparison.OrdinalIgnoreCase)
                || string.Equals(Kebab(name), text, StringComparison.OrdinalIgnoreCase)
            )
        ?? throw new FormatException($"is not one of {string.Join(", ", Enum.GetNames(type).Select(Kebab))}");

    /// <summary>A property's value as it is typed; null for none.</summary>
    internal static string? Text(object? value) =>
        value switch
        {
            null => null,
            Enum name => Kebab(name.ToString()),
            bool flag => flag ? "true" : "false",
            _ => System.Convert.ToString(value, CultureInfo.InvariantCulture),
        };

    private static string TypeName(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum)
            return string.Join('|', Enum.GetNames(type).Select(Kebab));
        if (type == typeof(double))
            return "number";
        if (type == typeof(bool))
            return "true|false";
        return type == typeof(string) ? "text" : "whole number";
    }

    /// <summary>A name as it is typed: MinKShare is min-k-share, since a capital begins a word after a small letter
    /// and before one.</summary>
    internal static string Kebab(string name)
    {
        var result = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            var begins =
                char.IsUpper(name[i])
                && i > 0
                && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            if (begins)
                result.Append('-');
            result.Append(char.ToLowerInvariant(name[i]));
        }

        return result.ToString();
    }
}
