using System.CommandLine;
using System.Text;
using Palimpsest.Inference;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest generate</c>: one answer.</summary>
internal sealed class GenerateVerb : Verb
{
    private readonly ModelBinder _model;
    private readonly GenerationBinder _generation;

    private readonly Option<string> _prompt = CommonOptions.Required(
        "--prompt",
        "The question, or with --raw the text to go on from.",
        "text"
    );
    private readonly Option<bool> _raw = new("--raw")
    {
        Description = "Continue the text as it is, without the chat template.",
    };

    private readonly Option<string[]> _stop = new("--stop")
    {
        Description = "A text that ends the answer; can be repeated.",
        HelpName = "text",
    };

    private readonly Option<string?> _schema = CommonOptions.Optional(
        "--json-schema",
        "A JSON schema that the answer has to be of.",
        "file"
    );

    public GenerateVerb()
        : base("generate", "Answer one prompt.", "generate --model runs/model --prompt \"Where was Ada born?\"")
    {
        _model = ModelBinder.AddTo(this, "The model that answers.");
        this.With(_prompt, _raw, _stop, _schema);
        _generation = GenerationBinder.AddTo(this);
    }

    protected override async Task<int> RunAsync(
        Session session,
        ParseResult parsed,
        CancellationToken cancellationToken
    )
    {
        var options = _generation.Bind(parsed) with { StopStrings = parsed.GetValue(_stop) ?? [] };
        var model = _model.Bind(parsed);
        using var schema = parsed.GetValue(_schema) is { } file ? JsonFile.Read(file) : null;
        using var language = model.Load(cancellationToken);
        if (schema is not null)
        {
            var place = parsed.GetValue(_schema)!;
            var constraint = OutputConstraint.Json(language.Tokenizer, schema.RootElement, place);
            options = options with { LogitProcessors = [constraint] };
        }

        var prompt = parsed.GetValue(_prompt)!;
        var ids = parsed.GetValue(_raw)
            ? language.Tokenizer.Encode(prompt)
            : language.EncodeConversation([Turn.User(prompt)], addGenerationPrompt: true);
        var (answer, end) = (new StringBuilder(), (GeneratedRow?)null);
        var pieces = language.StreamAsync(new Prompt(ids), options, row => end = row, cancellationToken);
        await foreach (var piece in pieces.ConfigureAwait(false))
        {
            answer.Append(piece);
            if (!session.Json)
                session.Output.Write(piece);
        }

        session.Result(
            new
            {
                Model = Path.GetFullPath(model.Path),
                Adapter = model.Adapter is null ? null : Path.GetFullPath(model.Adapter),
                Prompt = prompt,
                Text = answer.ToString(),
                PromptTokens = ids.Length,
                Tokens = end!.Tokens.Length,
                FinishReason = end.End,
            },
            _ => session.Output.WriteLine()
        );
        return ExitCode.Done;
    }
}
