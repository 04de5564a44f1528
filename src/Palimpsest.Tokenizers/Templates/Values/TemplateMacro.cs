namespace Palimpsest.Tokenizers;

/// <summary>What a macro is in the template's text.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Parameters">Its parameters, with what those have that are not given.</param>
/// <param name="Body">What it writes.</param>
/// <param name="Uses">Which of <c>caller</c>, <c>varargs</c> and <c>kwargs</c> the body names.</param>
internal sealed record TemplateMacroText(
    string Name,
    IReadOnlyList<(string Name, TemplateExpression? Default)> Parameters,
    TemplateStatement Body,
    IReadOnlySet<string> Uses
);

/// <summary>A macro, or the block of a <c>call</c>, in the scope where it stands.</summary>
internal sealed class TemplateMacro(TemplateMacroText text, TemplateScope scope) : TemplateObject
{
    public override string Kind => "a macro";

    public override bool IsCallable => true;

    public override object? Find(string name) =>
        name switch
        {
            "name" => text.Name,
            "arguments" => new TemplateTuple(text.Parameters.Select(parameter => (object?)parameter.Name)),
            "catch_kwargs" => text.Uses.Contains("kwargs"),
            "catch_varargs" => text.Uses.Contains("varargs"),
            "caller" => text.Uses.Contains("caller"),
            _ => new Undefined(name),
        };

    public override string Print() => $"<Macro {TemplatePrint.Represent(text.Name)}>";

    public override object? Call(TemplateScope caller, TemplateArguments arguments)
    {
        var inner = scope.Inner();
        var named = new Dictionary<string, object?>(arguments.Named);
        for (var i = 0; i < text.Parameters.Count; i++)
        {
            var (name, absent) = text.Parameters[i];
            var isNamed = named.Remove(name, out var value);
            if (i < arguments.Positional.Count)
            {
                if (isNamed)
                    throw Wrong($"has two values for {JsonField.Shown(name)}");
                value = arguments.Positional[i];
            }
            else if (!isNamed)
            {
                value = absent is null ? new Undefined(name, "was not given to the macro") : absent(inner);
            }

            inner.Set(name, value);
        }

        SetRest(inner, arguments, named);
        return scope.Run.Enter(() => scope.Run.Capture(text.Body, inner));
    }

    private void SetRest(TemplateScope inner, TemplateArguments arguments, Dictionary<string, object?> named)
    {
        if (text.Uses.Contains("caller") && text.Parameters.All(parameter => parameter.Name != "caller"))
        {
            var isCalled = named.Remove("caller", out var caller);
            inner.Set(
                "caller",
                isCalled ? caller : new Undefined("caller", "is missing: the macro was not called by a block")
            );
        }

        if (text.Uses.Contains("kwargs"))
        {
            var rest = new TemplateMapping();
            foreach (var (name, value) in named)
                rest[new TemplateKey(name)] = value;
            inner.Set("kwargs", rest);
        }
        else if (named.Count > 0)
        {
            throw Wrong($"has no parameter {JsonField.Shown(named.Keys.First())}");
        }

        if (text.Uses.Contains("varargs"))
            inner.Set("varargs", new TemplateTuple(arguments.Positional.Skip(text.Parameters.Count)));
        else if (arguments.Positional.Count > text.Parameters.Count)
            throw Wrong($"takes at most {text.Parameters.Count} arguments");
    }

    private TemplateError Wrong(string complaint) => new($"macro {JsonField.Shown(text.Name)} {complaint}.");
}
