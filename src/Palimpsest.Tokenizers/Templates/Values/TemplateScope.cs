namespace Palimpsest.Tokenizers;

/// <summary>Computes a value.</summary>
internal delegate object? TemplateExpression(TemplateScope scope);

/// <summary>Writes output and says how to go on.</summary>
internal delegate TemplateFlow TemplateStatement(TemplateScope scope);

/// <summary>What follows a statement.</summary>
internal enum TemplateFlow
{
    /// <summary>The next statement.</summary>
    Next,

    /// <summary>The end of the loop.</summary>
    Break,

    /// <summary>The next round of the loop.</summary>
    Continue,
}

/// <summary>Variables, those of enclosing scopes included.</summary>
internal sealed class TemplateScope(TemplateRun run, TemplateScope? parent)
{
    private readonly Dictionary<string, object?> _values = [];

    public TemplateRun Run => run;

    /// <summary>The outermost scope of a rendering, with the functions that every template has.</summary>
    public static TemplateScope Root(TemplateRun run)
    {
        var scope = new TemplateScope(run, null);
        foreach (var (name, function) in TemplateFunctions.Global)
            scope.Set(name, function);
        scope.Set("self", TemplateBlocks.None);
        return scope;
    }

    public TemplateScope Inner() => new(run, this);

    public void Set(string name, object? value) => _values[name] = value;

    public object? Get(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Parent)
        {
            if (scope._values.TryGetValue(name, out var value))
                return value;
        }

        return new Undefined(name);
    }

    private TemplateScope? Parent => parent;
}
