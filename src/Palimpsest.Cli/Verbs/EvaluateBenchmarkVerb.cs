using System.CommandLine;
using System.Text.Json;
using Palimpsest.Evaluation;
using Palimpsest.Inference;
using Palimpsest.Worlds;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest evaluate ID</c> for a benchmark of the catalogue.</summary>
internal sealed class EvaluateBenchmarkVerb : Verb
{
    private readonly CatalogEntry<IBenchmark> _entry;
    private readonly ModelBinder _model;
    private readonly Option<string?> _retrained = ModelBinder.Retrained("nothing stands beside the scores");
    private readonly Option<string?> _data;
    private readonly WholeOption<ulong> _seed = new("--world-seed", "Seed of the built-in world and its models.", 1, 0);
    private readonly OutputOption _cache = CommonOptions.Cache();
    private readonly OptionBinder _options;

    public EvaluateBenchmarkVerb(CatalogEntry<IBenchmark> entry)
        : base(
            entry.Id,
            $"{entry.Title} (arXiv {entry.ArXiv}). Without --model and --data: a small model of a fictitious "
                + "world, and rows about it.",
            $"evaluate {entry.Id} --model runs/model --data {entry.Id}"
        )
    {
        _entry = entry;
        _data = CommonOptions.Optional("--data", $"Rows: {entry.CreateDefault().Layout}. Goes with --model.", "path");
        _model = ModelBinder.AddTo(this, "The model that is measured.", required: false);
        this.With(_retrained, _data, _seed, _cache, CommonOptions.Run);
        _options = OptionBinder.AddTo(this, entry.OptionsType);
    }

    protected override async Task<int> RunAsync(
        Session session,
        ParseResult parsed,
        CancellationToken cancellationToken
    )
    {
        var benchmark = _entry.Create(_options.Bind(parsed));
        var (model, data) = (_model.BindOptional(parsed), parsed.GetValue(_data));
        if (model is null != data is null)
            throw new InputException("--model and --data go together: the rows, and whom they are put to.");
        if (model is null)
            GivenOptions.Refuse(parsed, "without --model the built-in world has one", _retrained);
        else
            GivenOptions.Refuse(parsed, "--model and --data are not of the built-in world", _seed, _cache);
        var world = data is null ? World.Generate(new() { Seed = _seed.Of(parsed) }) : null;
        var task = world is null ? benchmark.Read(data!) : benchmark.StandIn(BenchmarkWorlds.Of(world));
        var run = RunFolder.Open(parsed.GetValue(CommonOptions.Run), $"evaluate-{_entry.Id}", session.Clock);
        run.WriteConfig(parsed);
        using var measured = world is null
            ? model!.Load(cancellationToken)
            : await BuiltInAsync(session, parsed, world, ModelRole.Original, cancellationToken).ConfigureAwait(false);
        task.Require(measured);
        using var never = await RetrainedAsync(session, parsed, model, world, cancellationToken).ConfigureAwait(false);
        if (never is not null)
            task.Require(never);
        var (result, beside) = await run.ResumableAsync(() =>
                session.WithProgressAsync(
                    _entry.Id,
                    progress => MeasureAsync(task, measured, never, run.Stages, progress, cancellationToken)
                )
            )
            .ConfigureAwait(false);
        var record = new { Result = result, Retrained = beside?.Scores };
        AtomicFile.WriteText(run.File("result.json"), JsonSerializer.Serialize(record, ResultJson.Format));
        session.Result(
            new
            {
                result.Benchmark,
                result.Model,
                result.Scores,
                Retrained = beside?.Scores,
                Run = run.FullPath,
            },
            console =>
            {
                console.WriteTable(BenchmarkTable.Of(result, beside));
                console.WriteLine($"result.json, with every row, is in {run.FullPath}");
            }
        );
        return ExitCode.Done;
    }

    private static async Task<(BenchmarkResult Result, BenchmarkResult? Retrained)> MeasureAsync(
        BenchmarkTask task,
        IScoredModel model,
        IScoredModel? retrained,
        StageFolder stages,
        IProgress<TaskProgress> progress,
        CancellationToken cancellationToken
    )
    {
        var parts = new ProgressParts(progress, [1, retrained is null ? 0 : 1]);
        var result = await task.RunAsync(
                model,
                new() { Progress = parts.Part(0, "model"), Stages = stages.Within("model") },
                cancellationToken
            )
            .ConfigureAwait(false);
        if (retrained is null)
            return (task.Compare(result, null), null);
        var never = await task.RunAsync(
                retrained,
                new() { Progress = parts.Part(1, "retrained"), Stages = stages.Within("retrained") },
                cancellationToken
            )
            .ConfigureAwait(false);
        return (task.Compare(result, never), task.Compare(never, never));
    }

    private async Task<IScoredModel?> RetrainedAsync(
        Session session,
        ParseResult parsed,
        ModelOptions? model,
        World? world,
        CancellationToken cancellationToken
    )
    {
        if (world is not null)
            return await BuiltInAsync(session, parsed, world, ModelRole.Retrained, cancellationToken)
                .ConfigureAwait(false);
        return parsed.GetValue(_retrained) is { } path ? model!.LoadOther(path, cancellationToken) : null;
    }

    private Task<LanguageModel> BuiltInAsync(
        Session session,
        ParseResult parsed,
        World world,
        ModelRole role,
        CancellationToken cancellationToken
    ) =>
        session.WithProgressAsync(
            "Training",
            progress =>
                new Workbench(parsed.GetValue(_cache)).LoadAsync(world, role, new(), progress, cancellationToken)
        );
}
