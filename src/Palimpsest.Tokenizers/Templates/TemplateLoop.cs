namespace Palimpsest.Tokenizers;

/// <summary>Runs <c>for</c>: each round has its own scope and a <c>loop</c> variable.</summary>
internal static class TemplateLoop
{
    public static TemplateFlow Run(
        TemplateScope scope,
        List<string> names,
        TemplateExpression items,
        TemplateExpression? filter,
        TemplateStatement body,
        TemplateStatement? otherwise
    )
    {
        var all = TemplateValue.Iterate(items(scope)).ToList();
        if (filter is not null)
        {
            all =
            [
                .. all.Where(item =>
                {
                    var inner = scope.Inner();
                    Unpack(inner, names, item);
                    return TemplateValue.IsTrue(filter(inner));
                }),
            ];
        }

        var depth =
            scope.Get("loop") is Dictionary<string, object?> outer
            && outer.TryGetValue("depth", out var above)
            && above is long level
                ? level + 1
                : 1L;
        for (var i = 0; i < all.Count; i++)
        {
            scope.Run.Step();
            var inner = scope.Inner();
            Unpack(inner, names, all[i]);
            inner.Set("loop", Loop(all, i, depth));
            if (body(inner) == TemplateFlow.Break)
                break;
        }

        return all.Count == 0 && otherwise is not null ? otherwise(scope.Inner()) : TemplateFlow.Next;
    }

    /// <summary>Sets one name to the value, or several to its items.</summary>
    public static void Unpack(TemplateScope scope, List<string> names, object? value)
    {
        if (names.Count == 1)
        {
            scope.Set(names[0], value);
            return;
        }

        var parts = TemplateValue.Iterate(value).ToList();
        if (parts.Count != names.Count)
            throw new InputException(
                $"Chat template: {parts.Count} values cannot be unpacked into {names.Count} names."
            );
        for (var i = 0; i < names.Count; i++)
            scope.Set(names[i], parts[i]);
    }

    private static Dictionary<string, object?> Loop(List<object?> all, int i, long depth) =>
        new()
        {
            ["depth"] = depth,
            ["depth0"] = depth - 1,
            ["index"] = i + 1L,
            ["index0"] = (long)i,
            ["revindex"] = (long)(all.Count - i),
            ["revindex0"] = (long)(all.Count - i - 1),
            ["first"] = i == 0,
            ["last"] = i == all.Count - 1,
            ["length"] = (long)all.Count,
            ["previtem"] = i > 0 ? all[i - 1] : new Undefined("previtem"),
            ["nextitem"] = i + 1 < all.Count ? all[i + 1] : new Undefined("nextitem"),
            ["cycle"] = new TemplateFunction(
                (_, arguments) =>
                    arguments.Positional.Count == 0
                        ? throw new InputException("Chat template: cycle takes at least one value.")
                        : arguments.Positional[i % arguments.Positional.Count]
            ),
        };
}
