using System.Runtime.ExceptionServices;

namespace Palimpsest.Inference;

/// <summary>A row that is being decoded.</summary>
/// <param name="prompt">What it goes on from.</param>
/// <param name="options">How.</param>
internal sealed class GenerationRow(Prompt prompt, GenerationOptions options)
{
    private readonly List<int> _tokens = [];
    private GenerationEnd _end = GenerationEnd.Length;
    private Exception? _error;

    /// <summary>What it goes on from.</summary>
    public Prompt Prompt => prompt;

    /// <summary>How it is decoded.</summary>
    public GenerationOptions Options => options;

    /// <summary>Chooses tokens; null where the likeliest is taken.</summary>
    public TokenSampler? Sampler { get; init; }

    /// <summary>Ids that end it.</summary>
    public required IReadOnlySet<int> EndTokens { get; init; }

    /// <summary>Its text, where that is wanted or can end it.</summary>
    public AnswerText? Text { get; init; }

    /// <summary>Is told each new token, with the text that can be shown now.</summary>
    public Action<int, string>? OnToken { get; init; }

    /// <summary>Ends the row before its next token.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>True once no more tokens come.</summary>
    public bool Done { get; private set; }

    /// <summary>What came of it; asked for once, when it is done.</summary>
    /// <exception cref="Exception">The error that ended it.</exception>
    public GeneratedRow Finish()
    {
        if (_error is not null)
            ExceptionDispatchInfo.Throw(_error);
        Text?.End();
        return new([.. _tokens], Text is { Stopped: true } ? GenerationEnd.StopText : _end, Text?.Shown);
    }

    /// <summary>Takes the next token.</summary>
    /// <param name="id">The token.</param>
    /// <param name="positions">Most tokens of the model.</param>
    public void Take(int id, int positions)
    {
        if (Done)
            return;
        if (EndTokens.Contains(id))
        {
            (Done, _end) = (true, GenerationEnd.EndToken);
            return;
        }

        _tokens.Add(id);
        var piece = Text?.Add(id) ?? "";
        OnToken?.Invoke(id, piece);
        if (Sampler is { IsComplete: true })
            (Done, _end) = (true, GenerationEnd.EndToken);
        Done |=
            Text is { Stopped: true }
            || _tokens.Count >= options.MaxNewTokens
            || prompt.Length + _tokens.Count >= positions;
    }

    /// <summary>Ends it with an error.</summary>
    public void Fail(Exception error) => (Done, _error) = (true, error);
}
