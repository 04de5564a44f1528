namespace Palimpsest.Tokenizers;

/// <summary>Arguments of a call as they are written.</summary>
internal sealed record TemplateArguments(IReadOnlyList<object?> Positional, IReadOnlyDictionary<string, object?> Named)
{
    private static readonly TemplateArguments Empty = new([], new Dictionary<string, object?>());

    public static TemplateArguments None(TemplateScope scope) => Empty;
}

/// <summary>A filter, test, method or function with names for its arguments.</summary>
/// <param name="Title">What it is called in an error, for example <c>filter 'join'</c>.</param>
/// <param name="Signature">Names of the arguments, divided by blanks: <c>name?</c> may be left out, <c>/name</c> has no
/// name of its own in a call, <c>*</c> takes all that follow, named ones too.</param>
/// <param name="Body">What it does.</param>
internal sealed record TemplateRoutine(string Title, string Signature, Func<TemplateCall, object?> Body)
{
    private readonly string[] _parameters = Signature.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Does it on a value.</summary>
    public object? Apply(TemplateScope scope, object? target, TemplateArguments arguments)
    {
        TemplateRun.Charged(target);
        return TemplateRun.Charged(Body(Bind(scope, target, arguments)));
    }

    private TemplateCall Bind(TemplateScope scope, object? target, TemplateArguments arguments)
    {
        var takesMore = _parameters is [.., "*"];
        var count = _parameters.Length - (takesMore ? 1 : 0);
        var values = new object?[count];
        var given = new bool[count];
        if (arguments.Positional.Count > count && !takesMore)
            throw new TemplateError(
                count == 0 ? $"{Title} takes no argument." : $"{Title} takes at most {count} arguments."
            );
        for (var i = 0; i < Math.Min(count, arguments.Positional.Count); i++)
            (values[i], given[i]) = (arguments.Positional[i], true);
        var rest = new Dictionary<string, object?>();
        foreach (var (name, value) in arguments.Named)
        {
            var at = Array.FindIndex(_parameters, parameter => parameter.TrimEnd('?') == name);
            if (at < 0 && !takesMore)
                throw new TemplateError($"{Title} has no argument {JsonField.Shown(name)}.");
            if (at >= 0 && given[at])
                throw new TemplateError($"{Title} has two values for {JsonField.Shown(name)}.");
            if (at < 0)
                rest[name] = value;
            else
                (values[at], given[at]) = (value, true);
        }

        for (var i = 0; i < count; i++)
        {
            if (!given[i] && !_parameters[i].EndsWith('?'))
                throw new TemplateError($"{Title} lacks its argument '{_parameters[i].TrimStart('/')}'.");
        }

        return new TemplateCall(scope, target, values, given)
        {
            More = new TemplateArguments([.. arguments.Positional.Skip(count)], rest),
        };
    }
}

/// <summary>A call with its arguments in their places.</summary>
internal sealed class TemplateCall(TemplateScope scope, object? target, object?[] values, bool[] given)
{
    public TemplateScope Scope => scope;

    /// <summary>What it is called on.</summary>
    public object? Target => target;

    /// <summary>The target as a text, escaped or not.</summary>
    public string Text => TemplateValue.Show(target);

    /// <summary>Arguments beyond those that have names.</summary>
    public required TemplateArguments More { get; init; }

    /// <summary>An argument, null where it is none or was not given.</summary>
    public object? this[int index] => values[index];

    /// <summary>Whether an argument was given, be it none.</summary>
    public bool Has(int index) => given[index];

    public object? Or(int index, object? absent) => given[index] ? values[index] : absent;

    public bool Flag(int index, bool absent = false) => given[index] ? TemplateValue.IsTrue(values[index]) : absent;

    public long Whole(int index, long absent) => given[index] ? TemplateValue.Whole(values[index]) : absent;

    /// <summary>An argument that has to be a text.</summary>
    public string Word(int index) =>
        TemplateValue.AsText(values[index]) ?? throw TemplateValue.Wrong("take as a text", values[index]);

    /// <summary>An argument that is a text or none.</summary>
    public string? WordOrNone(int index) => values[index] is null ? null : Word(index);
}
