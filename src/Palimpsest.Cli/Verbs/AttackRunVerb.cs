using System.CommandLine;
using System.Text.Json;
using Palimpsest.Evaluation;
using Palimpsest.Inference;
using Palimpsest.Training;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest attack ID</c> for an attack of the catalogue.</summary>
internal sealed class AttackRunVerb : Verb
{
    private readonly CatalogEntry<Attack> _entry;
    private readonly AttackNeeds _needs;
    private readonly ModelBinder _candidate;
    private readonly Option<string?> _original = ModelBinder.Original();
    private readonly Option<string?> _retrained = ModelBinder.Retrained("chance or nothing stands in");
    private readonly AttackData _data;
    private readonly OutputOption _baseline = new(
        "--baseline",
        "Where replies before any attack are kept: attacks on the same models and facts ask them once.",
        OutputKind.KeptFolder
    );
    private readonly OptionBinder _options;
    private readonly OptionBinder? _relearn;

    public AttackRunVerb(CatalogEntry<Attack> entry)
        : base(
            entry.Id,
            $"{entry.Title} (arXiv {entry.ArXiv}). {entry.CreateDefault().Shows} Exit code 1 when it succeeds.",
            $"attack {entry.Id} --original runs/model --model runs/forgot {AttackData.ExampleOf(entry)}"
        )
    {
        _entry = entry;
        _needs = entry.CreateDefault().Needs;
        _candidate = ModelBinder.AddTo(this, "The model after forgetting.");
        this.With(_original, _retrained);
        _data = new(this);
        this.With(_baseline, CommonOptions.Run);
        _options = OptionBinder.AddTo(this, entry.OptionsType);
        _relearn = _needs.HasFlag(AttackNeeds.Teaching) ? OptionBinder.AddTo(this, typeof(RelearnOptions)) : null;
    }

    protected override async Task<int> RunAsync(
        Session session,
        ParseResult parsed,
        CancellationToken cancellationToken
    )
    {
        var relearn = (RelearnOptions?)_relearn?.Bind(parsed);
        var (attack, model) = (_entry.Create(_options.Bind(parsed)), _candidate.Bind(parsed));
        var data = _data.Read(parsed, _needs);
        var test = attack.Create(
            new(data.Facts)
            {
                Teach = relearn is null ? null : rows => new RelearnTransform(rows, relearn),
                Round = bits => new QuantizeTransform(new() { Bits = bits }),
            }
        );
        var run = RunFolder.Open(parsed.GetValue(CommonOptions.Run), $"attack-{_entry.Id}", session.Clock);
        run.WriteConfig(parsed);
        using var before = model.LoadOther(parsed.GetValue(_original)!, cancellationToken);
        using var after = model.Load(cancellationToken);
        using var never = parsed.GetValue(_retrained) is { } path ? model.LoadOther(path, cancellationToken) : null;
        var request = new AuditRequest
        {
            Method = after.Name,
            Models = new(before, after, never),
            Facts = data.Facts,
            Rows = data.Rows,
            Judge = data.Judge,
            Tests = [test],
            Stages = run.Stages,
            Baseline = BaselineOf(parsed, data),
        };
        var results = await run.ResumableAsync(() =>
                session.WithProgressAsync(
                    _entry.Id,
                    progress => AttackRunner.RunAsync(request, progress, cancellationToken)
                )
            )
            .ConfigureAwait(false);
        var result = results[0];
        AtomicFile.WriteText(run.File("report.json"), JsonSerializer.Serialize(result, ResultJson.Format));
        session.Result(result, console => Draw(console, result, run));
        return result.FoundSomething ? ExitCode.Failed : ExitCode.Done;
    }

    // Another model, fact or judge has another place: what is kept is never that of something else.
    private StageFolder? BaselineOf(ParseResult parsed, AttackData.Material data)
    {
        if (parsed.GetValue(_baseline) is not { } folder)
            return null;
        var hashes = InputHashes.For(parsed);
        string?[] models = [parsed.GetValue(_original), parsed.GetValue(_candidate.Model), parsed.GetValue(_retrained)];
        string[] parts =
        [
            .. models.Append(parsed.GetValue(_candidate.Adapter)).Select(path => path is null ? "-" : hashes.Of(path)),
            parsed.GetValue(ModelBinder.Weights)!,
            data.Judge.Name,
            JsonSerializer.Serialize(data.Facts),
        ];
        return new(Path.Combine(folder, ContentHash.OfText(string.Join('\n', parts))[..16]));
    }

    private static void Draw(IAnsiConsole console, AttackResult result, RunFolder run)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Model", "Before any attack", result.Found.Test);
        foreach (var (model, level) in result.Found.Levels)
            table.AddRow(model, Text(result.Before.Levels.GetValueOrDefault(model)), Text(level));
        console.WriteTable(table);
        if (result.Found.NotMade is { } reason)
            console.WriteLine($"It was not made: {reason}.");
        if (result.Found.Recovery is { } recovery)
        {
            console.WriteLine(
                $"Recovery: {LevelText.Format(recovery.Value, recovery.Interval, recovery.N)} of what the original "
                    + "knows"
                    + (recovery.Before is { } before ? $"; {PercentText.Of(before)} before the attack." : ".")
            );
        }

        console.WriteLine($"report.json is in {run.FullPath}");
    }

    private static string Text(MeasuredLevel? level) => level is null ? "–" : LevelText.Format(level);
}
