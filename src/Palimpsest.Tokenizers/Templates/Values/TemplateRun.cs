using System.Runtime.CompilerServices;
using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>Output and limits of one rendering; a rendering stays on its thread.</summary>
internal sealed class TemplateRun(TimeProvider clock)
{
    [ThreadStatic]
    private static TemplateRun? s_current;

    private int _steps;
    private int _calls;
    private long _work;
    private StringBuilder _output = new();

    /// <summary>The clock of the template's dates.</summary>
    public TimeProvider Clock => clock;

    /// <summary>Renders, with this run's limits in force.</summary>
    public string Render(TemplateStatement body, TemplateScope scope)
    {
        var outer = s_current;
        s_current = this;
        try
        {
            body(scope);
            return _output.ToString();
        }
        finally
        {
            s_current = outer;
        }
    }

    /// <summary>What a body writes in a scope within the given one.</summary>
    public string Capture(TemplateStatement body, TemplateScope scope)
    {
        var outer = _output;
        _output = new StringBuilder();
        try
        {
            body(scope.Inner());
            return _output.ToString();
        }
        finally
        {
            _output = outer;
        }
    }

    /// <summary>Counts a step and makes sure that there is room to nest deeper.</summary>
    public void Step()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (++_steps > ChatTemplate.MostSteps)
            throw new TemplateError($"takes more than {ChatTemplate.MostSteps} steps.");
    }

    /// <summary>Runs a macro's body, which may call macros in turn.</summary>
    public string Enter(Func<string> body)
    {
        if (++_calls > ChatTemplate.MostCalls)
            throw new TemplateError($"macros call each other more than {ChatTemplate.MostCalls} deep.");
        var text = body();
        _calls--;
        return text;
    }

    /// <summary>Writes output.</summary>
    public void Write(string text)
    {
        if (_output.Length + (long)text.Length > ChatTemplate.MostCharacters)
            throw new TemplateError($"gives more than {ChatTemplate.MostCharacters} characters.");
        Charge(text.Length);
        _output.Append(text);
    }

    /// <summary>Counts characters or items that are about to be made or looked at.</summary>
    public static void Charge(long units)
    {
        if (s_current is { } run && (run._work += units) > ChatTemplate.MostWork)
            throw new TemplateError($"takes more work than {ChatTemplate.MostWork} characters.");
    }

    /// <summary>Counts a value's size and returns it.</summary>
    public static object? Charged(object? value)
    {
        Charge(
            value switch
            {
                string text => text.Length,
                TemplateMarkup markup => markup.Text.Length,
                List<object?> items => items.Count,
                _ => 1,
            }
        );
        return value;
    }

    /// <summary>Refuses a text that is too long before it is made.</summary>
    public static void CheckLength(long length)
    {
        if (length > ChatTemplate.MostCharacters)
            throw new TemplateError($"gives more than {ChatTemplate.MostCharacters} characters.");
        Charge(length);
    }
}
