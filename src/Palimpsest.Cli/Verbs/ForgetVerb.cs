using System.CommandLine;
using System.Globalization;
using Palimpsest.Evaluation;
using Palimpsest.Inference;
using Palimpsest.Training;
using Palimpsest.Unlearning;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest forget METHOD</c>: makes a model forget.</summary>
internal sealed class ForgetVerb : Verb
{
    private readonly CatalogEntry<IUnlearningMethod> _entry;
    private readonly ModelBinder _model;
    private readonly ForgetRows _rows;
    private readonly OptionBinder _method;
    private readonly TrainingBinder _training;
    private readonly OutputOption _target = CommonOptions.Out(
        "Where the changed model goes, or with --result adapter the adapter."
    );
    private readonly WholeOption<int> _batch = new("--batch-size", "Rows per micro-batch.", absent: 8, least: 1);

    private ForgetVerb(CatalogEntry<IUnlearningMethod> entry)
        : base(entry.Id, DescriptionOf(entry), ExampleOf(entry))
    {
        _entry = entry;
        _model = ModelBinder.AddTo(this, "The model that forgets.");
        _rows = new(this, entry);
        this.With(_target, OutputCheck.Overwrite, _batch, Rank, ForgetOutput.Result, ForgetOutput.KeepAdapter);
        this.With(CommonOptions.Run);
        var method = entry.CreateDefault();
        _method = OptionBinder.AddTo(this, entry.OptionsType, method.RefusedSettings);
        _training = TrainingBinder.AddTo(this);
        if (method.Composes || !method.TakesAdapter)
            this.OmitFromHelp(ForgetOutput.Result, ForgetOutput.KeepAdapter);
        if (!method.TakesAdapter)
            this.OmitFromHelp(Rank, ModelBinder.Weights);
    }

    /// <summary>The rank of an adapter that is trained; 0 for none.</summary>
    public static WholeOption<int> Rank { get; } =
        new(
            "--lora-rank",
            "Trains a low-rank adapter of this rank instead of all weights; 0 trains all.",
            absent: 0,
            least: 0
        );

    public static Command Create()
    {
        var command = new Command("forget", "Make a model forget rows of questions and answers.").WithExample(
            "forget npo-rt --model runs/model --forget forget.jsonl --retain retain.jsonl --out runs/forgot"
        );
        foreach (var entry in Unlearning.Catalog.All)
            command.Add(new ForgetVerb(entry));
        return command;
    }

    protected override async Task<int> RunAsync(
        Session session,
        ParseResult parsed,
        CancellationToken cancellationToken
    )
    {
        var (settings, steps, model) = (_method.Bind(parsed), _training.Bind(parsed), _model.Bind(parsed));
        var (rank, batch, method) = (Rank.Of(parsed), _batch.Of(parsed), _entry.Create(settings));
        if (!method.TakesAdapter)
        {
            GivenOptions.Refuse(parsed, $"{_entry.Id} trains weights of its base", Rank);
            model.RequireDense($"{_entry.Id} trains weights of its base");
        }

        var lora = rank > 0 ? new LoraOptions { Rank = rank } : method.OwnLora;
        var adapts = lora is not null && !method.Composes;
        var output = ForgetOutput.Read(parsed, _entry.Id, model, parsed.GetValue(_target)!, adapts);
        if (lora is null && !method.Composes)
            model.RequireDense("all weights are trained unless --lora-rank trains an adapter");
        var rows = _rows.Read(parsed, method);
        using var language = model.LoadMerged(cancellationToken);
        var job = rows.Encode(language) with { BatchSize = batch, Lora = lora };
        if (job.Lora is not null)
            LoraAdapter.RequireFit(job.Model, job.Lora);
        var run = RunFolder.Open(parsed.GetValue(CommonOptions.Run), "forget", session.Clock);
        run.WriteConfig(parsed);
        if (rows.Requests is not null)
        {
            var granting = new ForgetRequests(session, run, language, rows, job with { Training = steps });
            var (last, report) = await run.ResumableAsync(() =>
                    granting.RunAsync(method, _rows.AtOnce(parsed), cancellationToken)
                )
                .ConfigureAwait(false);
            using var granted = last.Model;
            Tell(session, output, last, (output.Write(last, language, run), report), run);
            return ExitCode.Done;
        }

        job = job with { Training = steps with { RunFolder = run.FullPath } };
        var result = await run.ResumableAsync(() =>
                session.WithProgressAsync(
                    $"Forgetting by {_entry.Id}",
                    progress => method.RunAsync(job, new StepProgress(progress, "steps"), cancellationToken)
                )
            )
            .ConfigureAwait(false);
        using var made = result as IDisposable ?? result.Model;
        Tell(session, output, result, (output.Write(result, language, run), null), run);
        return ExitCode.Done;
    }

    private void Tell(
        Session session,
        ForgetOutput output,
        UnlearnResult result,
        (IReadOnlyList<KnowledgePlace> Places, RequestsReport? Requests) told,
        RunFolder run
    )
    {
        var adapter = output.AsAdapter ? output.Target : output.KeptAdapter;
        session.Result(
            new
            {
                Method = _entry.Id,
                Model = Path.GetFullPath(output.Answering(result)),
                Adapter = adapter is null ? null : Path.GetFullPath(adapter),
                Run = run.FullPath,
                result.Training,
                KnowledgeInStoredWeights = output.AsAdapter || result is Composed or Lineage,
                KnowledgeStillIn = told.Places,
                told.Requests,
            },
            console =>
            {
                if (told.Requests is not null)
                    console.WriteTable(RequestsTable.Create(told.Requests));
                console.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{result.Training.Steps} steps in {result.Training.Seconds:f0} s; {output.Describe(result)}."
                    ) + " Audit it before you believe it."
                );
                console.WriteLine("The knowledge is still in:");
                foreach (var place in told.Places)
                    console.WriteLine($"  {place}");
            }
        );
    }

    private static string DescriptionOf(CatalogEntry<IUnlearningMethod> entry)
    {
        var needs = ForgetRows.NeedsOf(entry);
        var also = needs.Count == 0 ? "" : $" Needs {string.Join(" and ", needs)}.";
        return $"{entry.Title} (arXiv {entry.ArXiv}).{also}";
    }

    private static string ExampleOf(CatalogEntry<IUnlearningMethod> entry)
    {
        var files = new Dictionary<string, string>
        {
            [ForgetRows.Retain] = "retain.jsonl",
            [ForgetRows.Alternates] = "refusals.txt",
        };
        var more = string.Concat(ForgetRows.NeedsOf(entry).Select(name => $" {name} {files[name]}"));
        return $"forget {entry.Id} --model runs/model --forget forget.jsonl{more} --out runs/forgot";
    }
}
