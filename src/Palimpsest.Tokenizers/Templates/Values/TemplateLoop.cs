namespace Palimpsest.Tokenizers;

/// <summary>The <c>loop</c> of a <c>for</c>: takes the items one by one and knows where it is.</summary>
internal sealed class TemplateLoop : TemplateObject
{
    private readonly TemplateLoopText _text;
    private readonly TemplateScope _scope;
    private readonly long _depth;
    private readonly object? _source;
    private readonly Queue<object?> _ahead = new();
    private readonly IEnumerator<object?> _items;
    private TemplateTuple? _changed;
    private object? _before;
    private object? _current;
    private long _index = -1;

    private TemplateLoop(TemplateLoopText text, TemplateScope scope, object? source, long depth)
    {
        (_text, _scope, _source, _depth) = (text, scope, source, depth);
        _items = Chosen().GetEnumerator();
    }

    public override string Kind => "a loop";

    public override bool IsCallable => true;

    /// <summary>Number of rounds; looks ahead where the items are not counted.</summary>
    public long Length
    {
        get
        {
            if (_text.Filter is null && _source is not (TemplateGenerator or TemplateLoop))
                return TemplateValue.Count(_source);
            while (_items.MoveNext())
                _ahead.Enqueue(_items.Current);
            return _index + 1 + _ahead.Count;
        }
    }

    /// <summary>Runs <c>for</c>: each round has its own scope and a <c>loop</c> variable.</summary>
    public static TemplateFlow Run(TemplateLoopText text, TemplateScope scope, object? source, long depth = 1)
    {
        var loop = new TemplateLoop(text, scope, source, depth);
        var isDone = false; // Jinja notes a round at its end, so that one cut short does not count
        while (loop.Advance())
        {
            scope.Run.Step();
            var inner = scope.Inner();
            inner.Set("loop", loop);
            text.Target.Assign(inner, loop._current);
            var flow = text.Body(inner);
            isDone |= flow == TemplateFlow.Next;
            if (flow == TemplateFlow.Break)
                break;
        }

        return !isDone && text.Otherwise is { } otherwise ? otherwise(scope.Inner()) : TemplateFlow.Next;
    }

    public override object? Find(string name) =>
        name switch
        {
            "depth" => _depth,
            "depth0" => _depth - 1,
            "index" => _index + 1,
            "index0" => _index,
            "revindex" => Length - _index,
            "revindex0" => Length - _index - 1,
            "first" => _index == 0,
            "last" => !Peek(out _),
            "length" => Length,
            "previtem" => _index > 0 ? _before : new Undefined("previtem", "is missing in the first round"),
            "nextitem" => Peek(out var next) ? next : new Undefined("nextitem", "is missing in the last round"),
            "cycle" => new TemplateFunction((_, arguments) => Cycle(arguments.Positional)),
            "changed" => new TemplateFunction((_, arguments) => Changed(arguments.Positional)),
            _ => new Undefined(name),
        };

    public override string Print() => $"<LoopContext {_index + 1}/{Length}>";

    /// <summary>The same loop over other items, as text.</summary>
    public override object? Call(TemplateScope scope, TemplateArguments arguments)
    {
        if (!_text.IsRecursive)
            throw new TemplateError("the loop is called but is not marked 'recursive'.");
        if (arguments is not { Positional: [var items], Named.Count: 0 })
            throw new TemplateError("a loop is called with one argument, the items.");
        return _scope.Run.Enter(() => _scope.Run.Capture(inner => Run(_text, inner, items, _depth + 1), _scope));
    }

    private IEnumerable<object?> Chosen()
    {
        var all = _source is TemplateLoop other ? other.Remaining() : TemplateValue.Iterate(_source);
        if (_text.Filter is not { } filter)
            return all;
        return all.Where(item =>
        {
            var inner = _scope.Inner();
            _text.Target.Assign(inner, item);
            return TemplateValue.IsTrue(filter(inner));
        });
    }

    private IEnumerable<object?> Remaining()
    {
        while (Advance())
            yield return new TemplateTuple { _current, this };
    }

    private bool Advance()
    {
        if (!Peek(out var next))
            return false;
        _ahead.Dequeue();
        _index++;
        (_before, _current) = (_current, next);
        return true;
    }

    private bool Peek(out object? next)
    {
        if (_ahead.Count == 0 && _items.MoveNext())
            _ahead.Enqueue(_items.Current);
        return _ahead.TryPeek(out next);
    }

    private object? Cycle(IReadOnlyList<object?> values) =>
        values.Count > 0
            ? values[(int)(_index % values.Count)]
            : throw new TemplateError("cycle takes at least one value.");

    private bool Changed(IReadOnlyList<object?> values)
    {
        var now = new TemplateTuple(values);
        if (_changed is not null && TemplateOrder.AreEqual(_changed, now))
            return false;
        _changed = now;
        return true;
    }
}

/// <summary>What a <c>for</c> is in the template's text.</summary>
/// <param name="Target">What each item is put into.</param>
/// <param name="Filter">Which items have a round, or null for all.</param>
/// <param name="Body">What a round writes.</param>
/// <param name="Otherwise">What is written where there was no round.</param>
/// <param name="IsRecursive">Whether the body may call the loop.</param>
internal sealed record TemplateLoopText(
    TemplateTarget Target,
    TemplateExpression? Filter,
    TemplateStatement Body,
    TemplateStatement? Otherwise,
    bool IsRecursive
);
