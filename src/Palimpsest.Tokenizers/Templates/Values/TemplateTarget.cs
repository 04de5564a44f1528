namespace Palimpsest.Tokenizers;

/// <summary>What a value is put into: a name, a namespace's member, or several of these.</summary>
internal sealed class TemplateTarget
{
    private readonly string _name = "";
    private readonly string? _member;
    private readonly IReadOnlyList<TemplateTarget>? _parts;

    public TemplateTarget(string name, string? member = null) => (_name, _member) = (name, member);

    public TemplateTarget(IReadOnlyList<TemplateTarget> parts) => _parts = parts;

    /// <summary>Puts a value there.</summary>
    public void Assign(TemplateScope scope, object? value)
    {
        if (_parts is not null)
            Unpack(scope, _parts, value);
        else if (_member is null)
            scope.Set(_name, value);
        else if (scope.Get(_name) is TemplateNamespace target)
            target.Members[new TemplateKey(_member)] = value;
        else
            throw new TemplateError(
                $"{JsonField.Shown(_name)} is not a namespace; only a namespace's members can be set."
            );
    }

    private static void Unpack(TemplateScope scope, IReadOnlyList<TemplateTarget> parts, object? value)
    {
        var items = TemplateValue.Iterate(value).ToList();
        if (items.Count != parts.Count)
            throw new TemplateError($"{items.Count} values cannot be unpacked into {parts.Count} names.");
        for (var i = 0; i < items.Count; i++)
            parts[i].Assign(scope, items[i]);
    }
}
