using System.CommandLine;
using Palimpsest.Cli.Chat;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest chat</c>: a conversation on the terminal.</summary>
internal sealed class ChatVerb : Verb
{
    private readonly ModelBinder _model;
    private readonly GenerationBinder _generation;

    private readonly Option<string?> _system = CommonOptions.Optional(
        "--system",
        "Instructions for the model.",
        "text"
    );

    private readonly OutputOption _session = new(
        "--session",
        "A file that keeps the conversation with its key-value cache; one that is there is gone on with.",
        OutputKind.File
    );

    public ChatVerb()
        : base(
            "chat",
            "Talk to a model; from a pipe, answer each line.",
            "chat --model runs/model --system \"Answer briefly.\""
        )
    {
        _model = ModelBinder.AddTo(this, "The model to talk to.");
        this.With(_system).With(_session);
        _generation = GenerationBinder.AddTo(this);
        this.OmitFromHelp(Session.JsonOption);
    }

    protected override async Task<int> RunAsync(
        Session session,
        ParseResult parsed,
        CancellationToken cancellationToken
    )
    {
        if (session.Json)
            throw new InputException(
                "--json: a conversation is no single result; 'palimpsest generate --json' answers one prompt."
            );
        var (options, model) = (_generation.Bind(parsed), _model.Bind(parsed));
        using var language = model.Load(cancellationToken);
        var conversation = new Conversation();
        using var kept = parsed.GetValue(_session) is { } file
            ? KeptSession.Open(language, file, _generation.Policy(parsed), conversation)
            : null;
        if (parsed.GetValue(_system) is { } system)
            conversation.System = system;
        using var loop = new ChatLoop(language, options, conversation, kept);
        await loop.RunAsync().ConfigureAwait(false);
        return ExitCode.Done;
    }
}
