using System.CommandLine;
using Palimpsest.Evaluation;
using Palimpsest.Inference;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest data perturb</c>: wrong answers and other words for rows.</summary>
internal sealed class DataPerturbVerb
{
    private readonly OutputOption _out = new(
        "--out",
        "The folder for the rows of each set: forget.jsonl, retain.jsonl, holdout.jsonl.",
        OutputKind.FilesInFolder,
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

    private DataPerturbVerb()
    {
        _command = new Command(
            "perturb",
            "Add perturbed_answer, paraphrased_answer and paraphrased_question to rows, by rule or by a model at an "
                + "endpoint; what a row has already stays. Wrong values are taken from the other rows."
        );
        _sets = new(_command, "Rows (JSON, JSON lines)");
        _command.With(_out, OutputCheck.Overwrite, CommonOptions.Run);
        _generator = new(_command, "generator", "A model that writes them, instead of rules");
        (_options, _policy) = (
            OptionBinder.AddTo(_command, typeof(PerturbOptions)),
            OptionBinder.AddTo(_command, typeof(RequestPolicy))
        );
        _command.SetAction(RunAsync);
        _command.WithExample("data perturb --forget forget.jsonl --retain retain.jsonl --out mydata");
    }

    public static Command Create() => new DataPerturbVerb()._command;

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var session = new Session(parsed);
        var (options, policy) = ((PerturbOptions)_options.Bind(parsed), (RequestPolicy)_policy.Bind(parsed));
        var given = _sets.Given(parsed);
        RowSet[] sets = [.. given.Select(set => new RowSet(set.Path, QuestionAnswerFile.Read(set.Path)))];
        RowSet.RequireDisjoint(sets);
        using var client = _generator.Connect(parsed);
        if (client is null)
            GivenOptions.Refuse(
                parsed,
                "rules take no time; a run is kept with --generator-endpoint",
                CommonOptions.Run
            );
        var (source, fallbacks) = ("rules", 0);
        IReadOnlyList<IReadOnlyList<PerturbedRow>> rows;
        if (client is null)
        {
            rows = new RowPerturber(options).Perturb(sets);
        }
        else
        {
            source = _generator.ModelName(parsed)!;
            (rows, fallbacks) = await new EndpointRun(session, parsed, "data-perturb")
                .AskAsync(
                    "Writing rows",
                    client,
                    async (kept, progress) =>
                    {
                        var writer = new RowWriter(new ChatClientTextModel(kept, source, policy), options);
                        var written = await writer
                            .PerturbAsync(sets, progress, cancellationToken)
                            .ConfigureAwait(false);
                        return (written, writer.Fallbacks);
                    }
                )
                .ConfigureAwait(false);
        }

        var files = new List<WrittenFile>();
        for (var set = 0; set < sets.Length; set++)
        {
            files.Add(new(Path.Combine(parsed.GetValue(_out)!, $"{given[set].Name}.jsonl"), rows[set].Count));
            KnowledgeLines.Write(files[^1].Path, rows[set].Select(row => row.Row));
        }

        Print(session, source, fallbacks, files, rows);
        return ExitCode.Done;
    }

    private static void Print(
        Session session,
        string source,
        int fallbacks,
        IReadOnlyList<WrittenFile> files,
        IReadOnlyList<IReadOnlyList<PerturbedRow>> rows
    )
    {
        var missing = files
            .Zip(rows)
            .SelectMany(set =>
                set.Second.Index()
                    .Where(row => row.Item.Missing.Count > 0)
                    .Select(row => (File: set.First.Path, Row: row.Index + 1, row.Item))
            )
            .ToArray();
        session.Result(
            new
            {
                source,
                fallbacks,
                files,
                missing = missing.Select(row => new
                {
                    row.File,
                    row.Row,
                    row.Item.Missing,
                }),
            },
            console =>
            {
                foreach (var file in files)
                    console.WriteLine($"{file.Path}: {file.Rows}");
                if (fallbacks > 0)
                    console.WriteLine($"Rules stand in for {source} in {fallbacks} rows: its replies were not usable.");
                if (missing.Length > 0)
                    console.WriteLine($"Something is missing in {missing.Length} rows:");
                foreach (var (file, row, item) in missing)
                    console.WriteLine($"  {file}, row {row}: {string.Join("; ", item.Missing)}");
            }
        );
    }
}
