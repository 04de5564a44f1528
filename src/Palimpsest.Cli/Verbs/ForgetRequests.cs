using Palimpsest.Evaluation;
using Palimpsest.Inference;
using Palimpsest.Training;
using Palimpsest.Unlearning;

namespace Palimpsest.Cli.Verbs;

/// <summary>Grants deletion requests one after another, each from what the one before left, or all at once, and
/// measures all of them after each.</summary>
/// <remarks>A finished step's model is kept until the next one is finished, its checkpoints are not: at the end the run
/// folder holds no model that still knows more than the result.</remarks>
/// <param name="session">Where to print.</param>
/// <param name="run">Where finished steps are kept.</param>
/// <param name="original">The model that forgets; it stays the caller's.</param>
/// <param name="data">Rows and requests.</param>
/// <param name="template">Everything else of the job.</param>
internal sealed class ForgetRequests(
    Session session,
    RunFolder run,
    LanguageModel original,
    ForgetData data,
    UnlearnJob template
)
{
    private readonly IReadOnlyList<DeletionRequest> _requests = data.Requests!;
    private readonly TokenSequence[][] _rows = [.. RowsOf(data.Requests!, template.Forget)];

    /// <summary>Grants the requests.</summary>
    /// <param name="method">The method with its settings.</param>
    /// <param name="atOnce">True for one step with all rows.</param>
    /// <param name="cancellationToken">Stops between steps; finished requests are kept.</param>
    /// <returns>The last model, which the caller disposes, and what was measured.</returns>
    /// <exception cref="InputException">The method's result is not one model whose weights changed.</exception>
    public async Task<(ChangedWeights Result, RequestsReport Report)> RunAsync(
        IUnlearningMethod method,
        bool atOnce,
        CancellationToken cancellationToken
    )
    {
        int[][] steps = atOnce
            ?
            [
                [.. Enumerable.Range(0, _requests.Count)],
            ]
            : [.. Enumerable.Range(0, _requests.Count).Select(i => new[] { i })];
        var before = await MeasuredAsync("before", original, cancellationToken).ConfigureAwait(false);
        var told = new List<RequestStep>();
        CausalLM? last = null;
        TrainResult? training = null;
        try
        {
            for (var i = 0; i < steps.Length; i++)
            {
                training = await TrainAsync(method, i, steps[i], last, cancellationToken).ConfigureAwait(false);
                last?.Dispose();
                // A step that was made before and from which the next one was made is measured already.
                last = run.Stages.Has(StageOf(i + 1)) ? null : Load(i, cancellationToken);
                var known = await MeasuredAsync($"{StageOf(i)}-after", View(last), cancellationToken)
                    .ConfigureAwait(false);
                told.Add(
                    new(
                        [.. steps[i].Select(request => _requests[request].Id)],
                        training.Steps,
                        training.Seconds,
                        known.Known,
                        known.Kept
                    )
                );
            }

            var (rested, relearned) = await RelearnedAsync(View(last)!, cancellationToken).ConfigureAwait(false);
            var report = new RequestsReport
            {
                Method = method.Id,
                Before = before.Known,
                KeptBefore = before.Kept,
                Steps = told,
                BeforeRelearning = rested,
                AfterRelearning = relearned,
            };
            training = training! with
            {
                Steps = told.Sum(step => step.Steps),
                Seconds = told.Sum(step => step.Seconds),
            };
            return (new(last!, training), report);
        }
        catch
        {
            last?.Dispose();
            throw;
        }
    }

    private Task<TrainResult> TrainAsync(
        IUnlearningMethod method,
        int number,
        int[] requests,
        CausalLM? from,
        CancellationToken cancellationToken
    ) =>
        run.Stages.GetAsync(
            StageOf(number),
            async () =>
            {
                var folder = FolderOf(number);
                var job = JobOf(requests, from) with { Training = template.Training with { RunFolder = folder } };
                var named = requests.Length == 1 ? $"request {_requests[requests[0]].Id}" : "all requests";
                var result = await session
                    .WithProgressAsync(
                        $"Forgetting {named}",
                        progress => method.RunAsync(job, new StepProgress(progress, "steps"), cancellationToken)
                    )
                    .ConfigureAwait(false);
                using var changed = result.Model;
                if (result is not ChangedWeights)
                    throw new InputException(
                        $"{ForgetRows.Requests}: {method.Id} does not end in one model whose weights changed, from "
                            + "which the next request could go on."
                    );
                AtomicFolder.WriteWhole(ModelOf(number), place => original.SaveAs(changed, place));
                return result.Training;
            }
        );

    private CausalLM Load(int number, CancellationToken cancellationToken)
    {
        var model = ModelFolder.Load(ModelOf(number), cancellationToken: cancellationToken);
        Delete(Path.Combine(FolderOf(number), "checkpoints"));
        if (number > 0)
            Delete(ModelOf(number - 1));
        return model;
    }

    private UnlearnJob JobOf(int[] requests, CausalLM? from)
    {
        var starts = new int[_requests.Count];
        for (var i = 1; i < starts.Length; i++)
            starts[i] = starts[i - 1] + _rows[i - 1].Length;
        return template with
        {
            Model = from ?? original.Decoder,
            Forget = [.. requests.SelectMany(request => _rows[request])],
            Alternates =
                template.Alternates.Count == 0
                    ? []
                    :
                    [
                        .. requests.SelectMany(request =>
                            template.Alternates.Skip(starts[request]).Take(_rows[request].Length)
                        ),
                    ],
        };
    }

    private Task<Measured> MeasuredAsync(string stage, LanguageModel? model, CancellationToken cancellationToken) =>
        run.Stages.GetAsync(
            stage,
            async () =>
            {
                IReadOnlyList<TokenSequence>[] sets = template.Retain.Count > 0 ? [.. _rows, template.Retain] : _rows;
                var known = await RowKnowledge.MeasureAsync(model!, sets, cancellationToken).ConfigureAwait(false);
                return new Measured(ByRequest(known), known.Count > _rows.Length ? known[^1] : null);
            }
        );

    /// <summary>Teaches every other row of every request again and measures those between.</summary>
    private async Task<(
        Dictionary<string, RowKnowledge> Before,
        Dictionary<string, RowKnowledge> After
    )> RelearnedAsync(LanguageModel model, CancellationToken cancellationToken)
    {
        var split = _requests
            .Select((request, i) => (request.Id, Rows: _rows[i]))
            .Where(r => r.Rows.Length > 1)
            .ToArray();
        if (split.Length == 0)
            return ([], []);
        IReadOnlyList<TokenSequence>[] measured =
        [
            .. split.Select(request => request.Rows.Where((_, i) => i % 2 == 1).ToArray()),
        ];
        Dictionary<string, RowKnowledge> Named(IReadOnlyList<RowKnowledge> known) =>
            split.Zip(known).ToDictionary(pair => pair.First.Id, pair => pair.Second, StringComparer.Ordinal);
        var taught = _requests
            .Where(request => request.Rows.Count > 1)
            .SelectMany(request => request.Rows.Where((_, i) => i % 2 == 0))
            .Select(row => (row.Question, row.Answer));
        var before = await RowKnowledge.MeasureAsync(model, measured, cancellationToken).ConfigureAwait(false);
        using var relearned = await session
            .WithProgressAsync(
                "Relearning",
                progress => new RelearnTransform([.. taught], new()).ApplyAsync(model, progress, cancellationToken)
            )
            .ConfigureAwait(false);
        var after = await RowKnowledge.MeasureAsync(relearned, measured, cancellationToken).ConfigureAwait(false);
        return (Named(before), Named(after));
    }

    private Dictionary<string, RowKnowledge> ByRequest(IReadOnlyList<RowKnowledge> known) =>
        _requests.Index().ToDictionary(pair => pair.Item.Id, pair => known[pair.Index], StringComparer.Ordinal);

    // The view shares the decoder, which is disposed with the result.
    private LanguageModel? View(CausalLM? decoder) =>
        decoder is null ? null : (LanguageModel)original.WithDecoder(decoder, original.Name);

    private static string StageOf(int number) => FormattableString.Invariant($"request-{number + 1}");

    private string FolderOf(int number) => run.File("requests", FormattableString.Invariant($"{number + 1:d4}"));

    private string ModelOf(int number) => Path.Combine(FolderOf(number), "model");

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private static IEnumerable<TokenSequence[]> RowsOf(
        IReadOnlyList<DeletionRequest> requests,
        IReadOnlyList<TokenSequence> rows
    )
    {
        var start = 0;
        foreach (var request in requests)
        {
            yield return [.. rows.Skip(start).Take(request.Rows.Count)];
            start += request.Rows.Count;
        }
    }

    /// <summary>What a model knows of each request's rows, and of the rows to be kept.</summary>
    internal sealed record Measured(Dictionary<string, RowKnowledge> Known, RowKnowledge? Kept);
}
