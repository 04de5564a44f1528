using System.Globalization;
using System.Reflection;
using System.Text;

namespace Palimpsest.Inference;

/// <summary>Reads what users type after <c>--kv</c>: <c>snapkv(budget=0.2)+kivi(bits=4)</c>.</summary>
/// <remarks>A policy's options are those of its record, in lower case with hyphens.</remarks>
public sealed class KvPolicyExpression
{
    private readonly string _text;
    private int _at;

    private KvPolicyExpression(string text) => _text = text;

    /// <summary>The policy that a text names.</summary>
    /// <exception cref="InputException">The text is wrong; the message has it with a caret under the
    /// mistake.</exception>
    public static IKvPolicy Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new KvPolicyExpression(text).Policies();
    }

    /// <summary>What an option's property is called by users.</summary>
    internal static string NameOf(PropertyInfo property) => Kebab(property.Name);

    private static string Kebab(string text)
    {
        var name = new StringBuilder();
        foreach (var letter in text)
        {
            if (char.IsAsciiLetterUpper(letter) && name.Length > 0)
                name.Append('-');
            name.Append(char.ToLowerInvariant(letter));
        }

        return name.ToString();
    }

    private IKvPolicy Policies()
    {
        var parts = new List<IKvPolicy>();
        do
        {
            Skip();
            var start = _at;
            var part = Policy();
            if (ComposedKvPolicy.Refusal(parts, part) is { } refusal)
                throw Mistake(start, refusal);
            parts.Add(part);
        } while (Take('+'));
        return _at == _text.Length
            ? ComposedKvPolicy.Of([.. parts])
            : throw Mistake(_at, $"'{_text[_at]}' is not expected here; policies are joined by '+'.");
    }

    private IKvPolicy Policy()
    {
        var start = _at;
        var id = Word();
        if (id.Length == 0)
            throw Mistake(start, $"a policy is missing; there are {Known()}.");
        var entry =
            KvPolicies.All.FirstOrDefault(entry => entry.Id == id)
            ?? throw Mistake(start, Unknown("policy", id, KvPolicies.All.Select(entry => entry.Id)));
        var options = Activator.CreateInstance(entry.OptionsType)!;
        if (Take('(') && !Take(')'))
        {
            var given = new HashSet<string>(StringComparer.Ordinal);
            do
            {
                Option(entry, options, given);
            } while (Take(','));
            if (!Take(')'))
                throw Mistake(_at, "')' is missing.");
        }

        try
        {
            return entry.Create(options);
        }
        catch (Exception error) when (error is ArgumentException or InputException)
        {
            throw Mistake(start, FirstLine(error));
        }
    }

    private void Option(CatalogEntry<IKvPolicy> entry, object options, HashSet<string> given)
    {
        Skip();
        var start = _at;
        var name = Word();
        var properties = entry.OptionsType.GetProperties().Where(p => p.CanWrite).ToArray();
        var property =
            properties.FirstOrDefault(p => NameOf(p) == name)
            ?? throw Mistake(start, Unknown($"option of {entry.Id}", name, properties.Select(NameOf)));
        if (!given.Add(name))
            throw Mistake(start, $"{name} is given twice.");
        if (!Take('='))
            throw Mistake(_at, $"'=' and a value of {name} are missing.");
        Skip();
        start = _at;
        var value = property.PropertyType == typeof(string) ? Path() : Word();
        try
        {
            property.SetValue(options, Value(property.PropertyType, value));
        }
        catch (Exception error) when (error is TargetInvocationException or ArgumentException or FormatException)
        {
            throw Mistake(start, $"{name}: {FirstLine(error.InnerException ?? error)}");
        }
    }

    private static object Value(Type type, string text)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(KvBudget))
            return KvBudget.Parse(text);
        if (type == typeof(int))
            return int.TryParse(text, CultureInfo.InvariantCulture, out var whole)
                ? whole
                : throw new FormatException($"'{text}' is not a whole number.");
        if (type == typeof(double))
            return double.TryParse(text, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new FormatException($"'{text}' is not a number.");
        if (type == typeof(bool))
            return bool.TryParse(text, out var flag)
                ? flag
                : throw new FormatException($"'{text}' is neither true nor false.");
        if (type == typeof(string))
            return text;
        if (type.IsEnum)
            return Enum.GetNames(type).FirstOrDefault(name => Kebab(name) == text) is { } known
                ? Enum.Parse(type, known)
                : throw new FormatException($"{Unknown("choice", text, Enum.GetNames(type).Select(Kebab))}.");
        throw new NotSupportedException($"Options of type {type.Name} have no text form.");
    }

    private string Word()
    {
        Skip();
        var start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '-' or '.' or '_'))
            _at++;
        return _text[start.._at];
    }

    /// <summary>Everything up to the next comma or bracket.</summary>
    private string Path()
    {
        Skip();
        var start = _at;
        while (_at < _text.Length && _text[_at] is not (',' or ')'))
            _at++;
        return _text[start.._at].TrimEnd();
    }

    private bool Take(char letter)
    {
        Skip();
        if (_at == _text.Length || _text[_at] != letter)
            return false;
        _at++;
        return true;
    }

    private void Skip()
    {
        while (_at < _text.Length && _text[_at] == ' ')
            _at++;
    }

    private static string Known() => string.Join(", ", KvPolicies.All.Select(entry => entry.Id));

    private static string Unknown(string what, string name, IEnumerable<string> known)
    {
        string[] names = [.. known];
        var nearest = NearestName.Of(name, names);
        var hint = nearest is null ? $"there are {string.Join(", ", names)}" : $"did you mean {nearest}?";
        return $"'{name}' is no {what}; {hint}";
    }

    private static string FirstLine(Exception error)
    {
        var message = error.Message.Split('\n')[0];
        var parameter = message.IndexOf(" (Parameter", StringComparison.Ordinal);
        return parameter < 0 ? message : message[..parameter];
    }

    private InputException Mistake(int at, string complaint) =>
        new($"{complaint.TrimEnd()}\n  {_text}\n  {new string(' ', at)}^");
}
