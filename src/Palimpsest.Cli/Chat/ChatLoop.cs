using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.AI;
using Palimpsest.Inference;

namespace Palimpsest.Cli.Chat;

/// <summary>Reads questions and commands, and streams answers, until there are no more.</summary>
/// <param name="model">Answers.</param>
/// <param name="settings">How, at the start.</param>
/// <param name="conversation">What was said so far.</param>
/// <param name="session">The file that it is kept in; null for none.</param>
internal sealed class ChatLoop(
    GeneratingModel model,
    GenerationOptions settings,
    Conversation conversation,
    KeptSession? session = null
) : IDisposable
{
    private readonly Conversation _conversation = conversation;
    private readonly LocalChatClient _client = new(model);
    private readonly Lock _answering = new();
    private readonly bool _onTerminal = !Console.IsInputRedirected && !Console.IsOutputRedirected;
    private CancellationTokenSource? _answer;

    /// <summary>
    /// Talks. On a terminal lines can be edited and errors leave the conversation open; from a pipe only answers are
    /// printed, and the first error ends it.
    /// </summary>
    public async Task RunAsync()
    {
        var commands = new ChatCommands(_conversation, settings, Console.Out, session);
        var editor = new LineEditor("> ", ChatCommands.Names);
        using var interrupt = Interrupts.Divert(() =>
        {
            // On a terminal it may have been meant for an answer that ended just before.
            if (!StopAnswer() && !_onTerminal)
                Environment.Exit(ExitCode.Cancelled);
        });
        if (_onTerminal)
            Console.Out.WriteLine($"{model.Name}. /help lists the commands; Ctrl-C stops an answer, Ctrl-D leaves.");
        while (!commands.IsOver && (_onTerminal ? editor.Read() : Console.In.ReadLine()) is { } line)
        {
            if (line.Trim().Length == 0)
                continue;
            try
            {
                var question = line.TrimStart().StartsWith('/') ? commands.Run(line.Trim()) : line;
                if (question is not null)
                    await AnswerAsync(question, commands.Settings).ConfigureAwait(false);
            }
            catch (InputException error) when (_onTerminal)
            {
                Console.Out.WriteLine(error.Message.ReplaceLineEndings(" "));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private bool StopAnswer()
    {
        lock (_answering)
        {
            // Callbacks run elsewhere: this thread holds the lock, and an answer must not go on here.
            _ = _answer?.CancelAsync();
            return _answer is not null;
        }
    }

    private async Task AnswerAsync(string question, GenerationOptions options)
    {
        using var stop = new CancellationTokenSource();
        lock (_answering)
            _answer = stop;
        try
        {
            await AnswerAsync(question, options, stop.Token).ConfigureAwait(false);
        }
        finally
        {
            lock (_answering)
                _answer = null;
        }
    }

    private async Task AnswerAsync(string question, GenerationOptions options, CancellationToken stop)
    {
        _conversation.Add(Turn.User(question));
        try
        {
            if (_conversation.Fit(model, options.MaxNewTokens) is > 0 and var dropped)
                Console.Error.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"(The context is full: the {dropped} oldest turns are left out from here on.)"
                    )
                );
            var (text, note) = await StreamAsync(options, stop).ConfigureAwait(false);
            Console.Out.WriteLine();
            if (_onTerminal)
                Console.Out.WriteLine($"\e[2m{note}\e[0m");
            if (text.Length > 0)
                _conversation.Add(Turn.Assistant(text));
            else
                _conversation.TakeBack();
            session?.Save();
        }
        catch (InputException)
        {
            _conversation.TakeBack();
            throw;
        }
    }

    private async Task<(string Text, string Note)> StreamAsync(GenerationOptions options, CancellationToken stop)
    {
        var (text, pieces, clock) = (new StringBuilder(), 0, Stopwatch.StartNew());
        var end = new AnswerEnd();
        try
        {
            await foreach (var piece in PiecesAsync(options, end, stop).ConfigureAwait(false))
            {
                pieces++;
                text.Append(piece);
                Console.Out.Write(_onTerminal ? TerminalText.Printable(piece) : piece);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Console.Out.Write(" …");
        }

        var tokens = end.Tokens ?? pieces;
        return (
            text.ToString(),
            string.Create(
                CultureInfo.InvariantCulture,
                $"{tokens} tokens, {tokens / clock.Elapsed.TotalSeconds:f0} tokens/s{Said(end, stop)}"
            )
        );
    }

    private async IAsyncEnumerable<string> PiecesAsync(
        GenerationOptions options,
        AnswerEnd end,
        [EnumeratorCancellation] CancellationToken stop
    )
    {
        if (session is not null)
        {
            var answer = session.AnswerAsync(
                options,
                row => (end.Tokens, end.IsCut) = (row.Tokens.Length, row.End == GenerationEnd.Length),
                stop
            );
            await foreach (var piece in answer.ConfigureAwait(false))
                yield return piece;
            yield break;
        }

        var request = new ChatOptions { RawRepresentationFactory = _ => options };
        var messages = _conversation
            .Turns.Select(turn => new ChatMessage(new ChatRole(turn.Role), turn.Content))
            .ToArray();
        await foreach (var update in _client.GetStreamingResponseAsync(messages, request, stop).ConfigureAwait(false))
        {
            end.IsCut = update.FinishReason == ChatFinishReason.Length;
            if (update.Contents.OfType<UsageContent>().FirstOrDefault() is { } usage)
                end.Tokens = usage.Details.OutputTokenCount;
            if (update.Text is { Length: > 0 } piece)
                yield return piece;
        }
    }

    private static string Said(AnswerEnd end, CancellationToken stop)
    {
        if (stop.IsCancellationRequested)
            return ", stopped";
        return end.IsCut ? ", cut at the most tokens" : "";
    }

    /// <summary>How an answer ended.</summary>
    private sealed class AnswerEnd
    {
        public long? Tokens { get; set; }

        public bool IsCut { get; set; }
    }
}
