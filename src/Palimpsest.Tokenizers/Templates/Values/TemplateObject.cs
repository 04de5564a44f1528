namespace Palimpsest.Tokenizers;

/// <summary>A value with members of its own.</summary>
internal abstract class TemplateObject
{
    /// <summary>What it is, in an error.</summary>
    public abstract string Kind { get; }

    /// <summary>Whether it can be called.</summary>
    public virtual bool IsCallable => false;

    /// <summary>A member, or nothing.</summary>
    public virtual object? Find(string name) => new Undefined(name);

    /// <summary>What it prints as.</summary>
    public virtual string Print() => throw new TemplateError($"cannot print {Kind}: Python shows its place in memory.");

    /// <summary>Calls it.</summary>
    public virtual object? Call(TemplateScope scope, TemplateArguments arguments) =>
        throw new TemplateError($"{Kind} cannot be called.");
}

/// <summary>What <c>self</c> stands for: the template's blocks, of which chat templates have none.</summary>
internal sealed class TemplateBlocks : TemplateObject
{
    public static TemplateBlocks None { get; } = new();

    public override string Kind => "the template itself";
}

/// <summary>Something that is only called.</summary>
internal sealed class TemplateFunction(Func<TemplateScope, TemplateArguments, object?> call) : TemplateObject
{
    public override string Kind => "a function";

    public override bool IsCallable => true;

    public override object? Call(TemplateScope scope, TemplateArguments arguments) => call(scope, arguments);
}

/// <summary>What <c>namespace()</c> gives: members can be set from inner scopes.</summary>
internal sealed class TemplateNamespace : TemplateObject
{
    public TemplateMapping Members { get; } = [];

    public override string Kind => "a namespace";

    public override object? Find(string name) => Members.Find(name);

    public override string Print() => $"<Namespace {TemplatePrint.Represent(Members)}>";
}

/// <summary>What <c>cycler()</c> gives: one value after the other, without end.</summary>
internal sealed class TemplateCycler(IReadOnlyList<object?> values) : TemplateObject
{
    private int _at;

    public override string Kind => "a cycler";

    public override object? Find(string name) =>
        name switch
        {
            "current" => values[_at],
            "next" => new TemplateFunction((_, _) => Next()),
            "reset" => new TemplateFunction((_, _) => Reset()),
            "items" => new TemplateTuple(values),
            "pos" => (long)_at,
            _ => new Undefined(name),
        };

    private object? Next()
    {
        var value = values[_at];
        _at = (_at + 1) % values.Count;
        return value;
    }

    private object? Reset()
    {
        _at = 0;
        return null;
    }
}

/// <summary>What <c>joiner()</c> gives: nothing at the first call, the separator afterwards.</summary>
internal sealed class TemplateJoiner(object? separator) : TemplateObject
{
    private bool _used;

    public override string Kind => "a joiner";

    public override bool IsCallable => true;

    public override object? Find(string name) =>
        name switch
        {
            "sep" => separator,
            "used" => _used,
            _ => new Undefined(name),
        };

    public override object? Call(TemplateScope scope, TemplateArguments arguments)
    {
        var value = _used ? separator : "";
        _used = true;
        return value;
    }
}
