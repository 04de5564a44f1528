using System.Globalization;
using Palimpsest.Erasure;

namespace Palimpsest.Cli.Chat;

/// <summary>The lines of a chat that begin with a slash.</summary>
/// <param name="conversation">What they change.</param>
/// <param name="settings">How answers are decoded at the start.</param>
/// <param name="output">Where they print.</param>
/// <param name="session">The file that the conversation is kept in; null for none.</param>
internal sealed class ChatCommands(
    Conversation conversation,
    GenerationOptions settings,
    TextWriter output,
    KeptSession? session = null
)
{
    private const string Help = """
        /system [TEXT]      set the instructions; without a text show them; "/system -" removes them
        /reset              forget the conversation, keep the instructions
        /retry              take the last answer back and ask again, with the next seed
        /forget TEXT        drop every exchange that has the text, from the cache and the session's file too
        /history            show the conversation
        /save FILE          write the conversation
        /load FILE          go on with a conversation that was saved
        /set [NAME VALUE]   change a setting, for example "/set temperature 0.7"; without a name show all
        /help               this list
        /exit               leave; so does Ctrl-D
        Ctrl-C stops an answer. Up and Down bring back earlier lines.
        """;

    /// <summary>Names of all commands.</summary>
    public static IReadOnlyList<string> Names { get; } =
    ["/system", "/reset", "/retry", "/forget", "/history", "/save", "/load", "/set", "/help", "/exit"];

    /// <summary>How answers are decoded.</summary>
    public GenerationOptions Settings { get; private set; } = settings;

    /// <summary>True once the conversation is to end.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Runs a line.</summary>
    /// <returns>A question that is to be asked now, or null.</returns>
    /// <exception cref="InputException">The command is not known, lacks something, or a file or value does not
    /// fit.</exception>
    public string? Run(string line)
    {
        var (name, rest) = line.Split(' ', 2, StringSplitOptions.TrimEntries) is [var first, var second]
            ? (first, second)
            : (line.Trim(), "");
        switch (name)
        {
            case "/exit" or "/quit":
                IsOver = true;
                break;
            case "/help":
                output.WriteLine(Help);
                break;
            case "/system":
                SetSystem(rest);
                break;
            case "/reset":
                conversation.Reset();
                session?.Reset();
                output.WriteLine("A new conversation.");
                break;
            case "/retry":
                var question =
                    conversation.TakeBack() ?? throw new InputException("/retry: nothing has been asked yet.");
                Settings = Settings with { Seed = Settings.Seed + 1 };
                return question;
            case "/forget":
                Forget(Needed(name, rest, "TEXT"));
                break;
            case "/history":
                foreach (var turn in conversation.Turns)
                    output.WriteLine($"{turn.Role}: {TerminalText.Printable(turn.Content)}");
                break;
            case "/save":
                conversation.Save(Needed(name, rest, "FILE"));
                output.WriteLine($"Written to {rest}.");
                break;
            case "/load":
                conversation.Load(Needed(name, rest, "FILE"));
                output.WriteLine(
                    string.Create(CultureInfo.InvariantCulture, $"{conversation.Turns.Count} turns from {rest}.")
                );
                break;
            case "/set":
                Set(rest);
                break;
            default:
                throw new InputException(
                    $"There is no command {name}; "
                        + (NearestName.Of(name, Names) is { } near ? $"did you mean {near}?" : "/help lists all.")
                );
        }

        return null;
    }

    private void Forget(string text)
    {
        var (dropped, later) = conversation.Forget(text);
        var found = string.Create(CultureInfo.InvariantCulture, $"{dropped} turns are gone.");
        var report = new ErasureReport([
            dropped > 0
                ? new("conversation", ErasureStatus.Removed, found)
                : new("conversation", ErasureStatus.NotFound, "No turn has the text."),
        ]);
        if (dropped > 0)
            report = report.With(
                session?.Forget(text)
                    ?? new([new("key-value cache", ErasureStatus.NotFound, "None is kept between answers.")])
            );
        if (later > 0)
            report = report.With(
                new([
                    new(
                        "later turns",
                        ErasureStatus.NotVisited,
                        string.Create(CultureInfo.InvariantCulture, $"{later} were written with it in view and stay.")
                    ),
                ])
            );
        foreach (var place in report.Places)
            output.WriteLine(
                $"{place.Place}: {OptionBinder.Kebab(place.Status.ToString()).Replace('-', ' ')}. {place.Found}"
            );
    }

    private void SetSystem(string text)
    {
        if (text.Length > 0)
            conversation.System = text == "-" ? null : text;
        output.WriteLine(conversation.System is { } system ? $"Instructions: {system}" : "No instructions.");
    }

    private void Set(string text)
    {
        if (text.Length == 0)
        {
            foreach (var (name, value) in OptionBinder.Settings(Settings))
                output.WriteLine($"{name} {value}");
            return;
        }

        if (text.Split(' ', 2, StringSplitOptions.TrimEntries) is not [var setting, var wanted])
            throw new InputException("/set needs NAME and VALUE, for example \"/set temperature 0.7\".");
        var changed = Settings with { };
        OptionBinder.Set(changed, setting, wanted);
        Settings = changed;
        output.WriteLine($"{setting} {OptionBinder.Settings(changed).First(s => s.Name == setting).Value}");
    }

    private static string Needed(string name, string rest, string what) =>
        rest.Length > 0 ? rest : throw new InputException($"{name} needs {what}.");
}
