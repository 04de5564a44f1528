using System.CommandLine;
using System.Text;
using System.Text.Json;
using Palimpsest.Inference;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest chat</c>: a conversation on the terminal.</summary>
internal static class ChatVerb
{
    private const string Commands = "/system TEXT sets the instructions, /reset starts anew, /save FILE writes the conversation, /exit leaves; Ctrl-C stops the answer, or leaves when there is none.";

    public static Command Create()
    {
        var (model, adapter) = (CommonOptions.Model(), CommonOptions.Optional("--adapter", "A PEFT adapter folder."));
        var command = new Command("chat", "Talk to a model.").With(model, adapter, CommonOptions.Device);
        var binder = OptionBinder.AddTo(command, typeof(GenerationOptions));
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(Session.JsonOption))
                throw new InputException("--json: a conversation is no single result; 'palimpsest generate --json' answers one prompt.");
            var options = (GenerationOptions)binder.Bind(parsed);
            var device = TorchDevice.Of(parsed.GetValue(CommonOptions.Device)!);
            using var language = LanguageModel.Load(parsed.GetValue(model)!, parsed.GetValue(adapter), device: device, cancellationToken: cancellationToken);
            return await TalkAsync(language, options, cancellationToken).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<int> TalkAsync(LanguageModel language, GenerationOptions options, CancellationToken cancellationToken)
    {
        var turns = new List<Turn>();
        Console.Out.WriteLine($"{language.Name}. {Commands}");
        while (true)
        {
            Console.Out.Write("> ");
            if (await ReadLineAsync(cancellationToken).ConfigureAwait(false) is not { } line || line.Trim() == "/exit")
                return cancellationToken.IsCancellationRequested ? ExitCode.Cancelled : ExitCode.Done;
            if (line.Trim().Length == 0 || Handle(line.Trim(), turns))
                continue;
            turns.Add(Turn.User(line));
            turns.Add(Turn.Assistant(await AnswerAsync(language, turns, options).ConfigureAwait(false)));
        }
    }

    // The terminal cannot be asked to stop waiting for a line; the wait is left alone.
    private static async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(Console.In.ReadLine, CancellationToken.None).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private static bool Handle(string line, List<Turn> turns)
    {
        if (!line.StartsWith('/'))
            return false;
        var (name, rest) = line.Split(' ', 2) is [var first, var second] ? (first, second) : (line, "");
        switch (name)
        {
            case "/reset":
                turns.RemoveAll(turn => turn.Role != "system");
                break;
            case "/system":
                turns.RemoveAll(turn => turn.Role == "system");
                turns.Insert(0, new("system", rest));
                break;
            case "/save" when rest.Length > 0:
                AtomicFile.WriteText(rest, JsonSerializer.Serialize(turns, Session.JsonFormat));
                Console.Out.WriteLine($"Written to {rest}.");
                break;
            default:
                Console.Out.WriteLine(Commands);
                break;
        }

        return true;
    }

    private static async Task<string> AnswerAsync(LanguageModel language, List<Turn> turns, GenerationOptions options)
    {
        using var stop = new CancellationTokenSource();
        using var diverted = Interrupts.Divert(stop.Cancel);
        var answer = new StringBuilder();
        try
        {
            var prompt = language.EncodeConversation(turns, addGenerationPrompt: true);
            await foreach (var piece in language.StreamAsync(prompt, options, stop.Token).ConfigureAwait(false))
            {
                answer.Append(piece);
                Console.Out.Write(piece);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Console.Out.Write(" …");
        }

        Console.Out.WriteLine();
        return answer.ToString();
    }
}
