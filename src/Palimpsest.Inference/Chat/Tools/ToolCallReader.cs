using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Palimpsest.Inference;

/// <summary>Parts an answer that comes piece by piece into text and calls.</summary>
/// <param name="format">How calls are written.</param>
internal sealed class ToolCallReader(ToolCallFormat format)
{
    private const int IdLength = 9; // Mistral's templates take no other

    private string _pending = "";
    private string _mark = "";
    private bool _inCall;
    private bool _hasText;

    /// <summary>True once there was a call.</summary>
    public bool HasCalls { get; private set; }

    /// <summary>Takes a piece and gives what is certain now.</summary>
    public IReadOnlyList<AIContent> Add(string piece)
    {
        _pending += piece;
        var found = new List<AIContent>();
        while (_inCall ? EndCall(found) : BeginCall(found)) { }
        return found;
    }

    /// <summary>Gives what is left: the calls of formats that end with the answer, or text that is no call.</summary>
    public IReadOnlyList<AIContent> End()
    {
        if (_inCall && Parse(_pending) is { } calls)
            return calls;
        var text = _mark + _pending;
        return _hasText || !string.IsNullOrWhiteSpace(text) ? [new TextContent(text)] : [];
    }

    /// <summary>True when a call has begun.</summary>
    private bool BeginCall(List<AIContent> found)
    {
        if (format.BeginsWithBrace && !_hasText && _pending.AsSpan().TrimStart().StartsWith("{"))
            return _inCall = true;
        var at = _pending.IndexOf(format.Open, StringComparison.Ordinal);
        var text = at >= 0 ? _pending[..at] : _pending[..^TextOverlap.Length(_pending, format.Open)];
        // White space before a call is part of its form.
        var shown = text.TrimEnd();
        if (shown.Length > 0)
        {
            _hasText = true;
            found.Add(new TextContent(shown));
        }

        _pending = at >= 0 ? _pending[(at + format.Open.Length)..] : _pending[shown.Length..];
        _mark = at >= 0 ? format.Open : "";
        return _inCall = at >= 0;
    }

    /// <summary>True when a call has ended.</summary>
    private bool EndCall(List<AIContent> found)
    {
        if (format.Close.Length == 0)
            return false;
        for (
            var at = _pending.IndexOf(format.Close, StringComparison.Ordinal);
            at >= 0;
            at = _pending.IndexOf(format.Close, at + 1, StringComparison.Ordinal)
        )
        {
            // A text within the arguments may look like the end.
            if (Parse(_pending[..at]) is not { } calls)
                continue;
            found.AddRange(calls);
            (_pending, _mark, _inCall) = (_pending[(at + format.Close.Length)..], "", false);
            return true;
        }

        return false;
    }

    private List<AIContent>? Parse(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var calls = json.RootElement.ValueKind == JsonValueKind.Array ? json.RootElement.EnumerateArray() : default;
            var list = format.IsList ? calls.Select(Call).ToList() : [Call(json.RootElement)];
            if (list.Count == 0 || list.Contains(null))
                return null;
            HasCalls = true;
            return [.. list.OfType<AIContent>()];
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private FunctionCallContent? Call(JsonElement call)
    {
        if (
            call.ValueKind != JsonValueKind.Object
            || !call.TryGetProperty("name", out var name)
            || name.ValueKind != JsonValueKind.String
            || !call.TryGetProperty(format.Arguments, out var arguments)
            || arguments.ValueKind != JsonValueKind.Object
        )
            return null;
        var id =
            call.TryGetProperty("id", out var own) && own is { ValueKind: JsonValueKind.String }
                ? own.GetString()!
                : Guid.NewGuid().ToString("N")[..IdLength];
        return new(
            id,
            name.GetString()!,
            arguments.EnumerateObject().ToDictionary(a => a.Name, a => (object?)a.Value.Clone(), StringComparer.Ordinal)
        );
    }
}
