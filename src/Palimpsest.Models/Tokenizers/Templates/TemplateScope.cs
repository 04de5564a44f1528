using System.Text;

namespace Palimpsest.Models;

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

/// <summary>Output and limits of one rendering.</summary>
internal sealed class TemplateRun
{
    private int _steps;

    public StringBuilder Output { get; set; } = new();

    /// <summary>Counts a step.</summary>
    public void Step()
    {
        if (++_steps > ChatTemplate.MostSteps)
            throw new InputException($"Chat template: takes more than {ChatTemplate.MostSteps} steps.");
    }

    /// <summary>Refuses a text that is too long.</summary>
    public static void CheckLength(long length)
    {
        if (length > ChatTemplate.MostCharacters)
            throw new InputException($"Chat template: gives more than {ChatTemplate.MostCharacters} characters.");
    }
}

/// <summary>Variables, those of enclosing scopes included.</summary>
internal sealed class TemplateScope(TemplateRun run, TemplateScope? parent)
{
    private readonly Dictionary<string, object?> _values = [];

    public TemplateRun Run => run;

    public static TemplateScope Root()
    {
        var scope = new TemplateScope(new TemplateRun(), null);
        foreach (var (name, function) in TemplateFunctions.Global)
            scope.Set(name, function);
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
