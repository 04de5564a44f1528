using System.CommandLine;
using Palimpsest.Evaluation;
using Palimpsest.Inference;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest data facts</c>: facts and rows from sentences or rows.</summary>
internal sealed class DataFactsVerb
{
    private const string FactsFile = "facts.jsonl";

    private readonly OutputOption _out = new(
        "--out",
        "The folder for facts.jsonl and, for each set, its rows: forget.jsonl, retain.jsonl, holdout.jsonl.",
        OutputKind.FilesInFolder,
        FactsFile,
        "forget.jsonl",
        "retain.jsonl",
        "holdout.jsonl"
    )
    {
        Required = true,
    };

    private readonly Command _command;
    private readonly DataSets _sets;
    private readonly EndpointOptions _generator;
    private readonly OptionBinder _options;
    private readonly OptionBinder _policy;

    private DataFactsVerb()
    {
        _command = new Command(
            "facts",
            "Read facts from sentences such as \"Ada Lind was born in Velmora.\" or from rows, by patterns or by a "
                + "model at an endpoint. What was not read is listed with the reason."
        );
        _sets = new(_command, "Sentences (text, one a line) or rows (JSON, JSON lines)");
        _command.With(_out, OutputCheck.Overwrite, CommonOptions.Run);
        _generator = new(_command, "generator", "A model that reads the facts, instead of patterns");
        (_options, _policy) = (
            OptionBinder.AddTo(_command, typeof(PerturbOptions)),
            OptionBinder.AddTo(_command, typeof(RequestPolicy))
        );
        _command.SetAction(RunAsync);
        _command.WithExample("data facts --forget forget.txt --retain retain.txt --out mydata");
    }

    public static Command Create() => new DataFactsVerb()._command;

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var session = new Session(parsed);
        var (options, policy) = ((PerturbOptions)_options.Bind(parsed), (RequestPolicy)_policy.Bind(parsed));
        KnowledgeSet[] sets =
        [
            .. _sets.Given(parsed).Select(set => new KnowledgeSet(set.Name, set.Scope, SourceText.Read(set.Path))),
        ];
        using var client = _generator.Connect(parsed);
        if (client is null)
            GivenOptions.Refuse(
                parsed,
                "rules take no time; a run is kept with --generator-endpoint",
                CommonOptions.Run
            );
        var source = "patterns";
        WrittenFacts written;
        if (client is null)
        {
            written = FactWriting.ByRule(sets, options);
        }
        else
        {
            source = _generator.ModelName(parsed)!;
            var read = await new EndpointRun(session, parsed, "data-facts")
                .AskAsync(
                    "Reading facts",
                    client,
                    (kept, progress) =>
                        new FactWriter(new ChatClientTextModel(kept, source, policy), options.WrongAnswers).ReadAsync(
                            [.. sets.Select(set => set.Texts)],
                            progress,
                            cancellationToken
                        )
                )
                .ConfigureAwait(false);
            written = FactWriting.Write(sets, read, options);
        }

        Print(session, Write(parsed.GetValue(_out)!, written), source, written);
        return ExitCode.Done;
    }

    private static List<WrittenFile> Write(string folder, WrittenFacts written)
    {
        var files = new List<WrittenFile>();
        if (written.Facts.Count > 0)
        {
            files.Add(new(Path.Combine(folder, FactsFile), written.Facts.Count));
            KnowledgeLines.Write(files[^1].Path, written.Facts);
        }

        foreach (var (name, rows) in written.Rows)
        {
            files.Add(new(Path.Combine(folder, $"{name}.jsonl"), rows.Count));
            KnowledgeLines.Write(files[^1].Path, rows);
        }

        return files;
    }

    private static void Print(Session session, IReadOnlyList<WrittenFile> files, string source, WrittenFacts written) =>
        session.Result(
            new
            {
                source,
                files,
                without_candidates = written.Facts.Count(fact => fact.Candidates.Count == 0),
                written.Unread,
            },
            console =>
            {
                foreach (var file in files)
                    console.WriteLine($"{file.Path}: {file.Rows}");
                if (written.Facts.Count(fact => fact.Candidates.Count == 0) is > 0 and var open)
                    console.WriteLine($"{open} facts have no candidates: no other text has a value of their relation.");
                if (written.Unread.Count > 0)
                    console.WriteLine($"Not read, {written.Unread.Count}:");
                foreach (var text in written.Unread)
                    console.WriteLine($"  {text.Place}: {JsonField.Shown(text.Text)}: {text.Reason}");
            }
        );
}
