using System.CommandLine;
using System.Globalization;
using Palimpsest.Inference;
using Palimpsest.Worlds;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest evaluate kv</c>: policies for caches at equal bytes.</summary>
internal sealed class EvaluateKvVerb : Verb
{
    private const string Figure = "kv.svg";
    private static readonly int[] Groups = [32, 16, 8, 4];

    private readonly ModelBinder _model;

    private readonly Option<string?> _data = CommonOptions.Optional(
        "--data",
        "Rows of context, question and answer (JSON or JSON lines). Goes with --model.",
        "file"
    );

    private readonly Option<string> _shares = new("--shares")
    {
        Description = "Sizes at which policies are compared, as shares of the full cache's bytes.",
        HelpName = "list",
        DefaultValueFactory = _ => "0.5,0.25,0.125",
    };

    private readonly Option<string[]> _kv = new("--kv")
    {
        Description = "One more policy, at the size that it says; may be given several times.",
        HelpName = "policy",
    };

    private readonly WholeOption<int> _questions = new(
        "--questions",
        "Questions per task of the built-in model.",
        absent: 256,
        least: 1
    );

    private readonly WholeOption<ulong> _seed = new("--seed", "Seed of the built-in model and its questions.", 1, 0);

    private readonly OutputOption _cache = CommonOptions.Cache();

    private readonly OutputOption _target = new(
        "--out",
        $"The folder that gets {Figure}, quality against bytes.",
        OutputKind.FilesInFolder,
        Figure
    );

    public EvaluateKvVerb()
        : base(
            "kv",
            "Policies for key-value caches at equal bytes: what they answer, weigh and cost.",
            "evaluate kv --shares 0.5,0.25 --out runs/kv"
        )
    {
        _model = ModelBinder.AddTo(
            this,
            "The model that is asked. Without one: a small model that is trained to recall facts from its prompt.",
            required: false
        );
        this.With(_data, _shares, _kv, _questions, _seed, _cache, _target, OutputCheck.Overwrite);
    }

    protected override async Task<int> RunAsync(
        Session session,
        ParseResult parsed,
        CancellationToken cancellationToken
    )
    {
        var shares = Shares(parsed.GetValue(_shares)!);
        KvArm[] more = [.. (parsed.GetValue(_kv) ?? []).Select(KvArm.Fixed)];
        foreach (var arm in more)
            KvPolicyExpression.Parse(arm.Name);
        var (model, data) = (_model.BindOptional(parsed), parsed.GetValue(_data));
        if (model is null != data is null)
            throw new InputException(
                "--model and --data go together: rows of context, question and answer, and who reads them."
            );
        using var language = model is null
            ? await BuiltInAsync(session, parsed, cancellationToken).ConfigureAwait(false)
            : model.LoadOne("a policy needs the cache of one", cancellationToken);
        var tasks = data is null ? BuiltInTasks(parsed) : Rows(data, language);
        KvArm[] arms =
        [
            .. KvArm.All(Divisor(language.Decoder.Config.HeadSize)),
            KvArm.Razor(HeadsOf(language.Decoder)),
            .. more,
        ];
        var comparison = new KvComparison(language.Decoder, arms, shares);
        var rows = await session
            .WithProgressAsync(
                "Policies",
                progress =>
                    Task.Run<IReadOnlyList<KvComparisonRow>>(
                        () =>
                            [
                                .. tasks.SelectMany(task =>
                                    comparison.Run(task.Name, task.Questions, progress, cancellationToken)
                                ),
                            ],
                        cancellationToken
                    )
            )
            .ConfigureAwait(false);
        if (parsed.GetValue(_target) is { } folder)
        {
            Directory.CreateDirectory(folder);
            AtomicFile.WriteText(Path.Combine(folder, Figure), KvFigure.Render(rows));
        }

        session.Result(new { Model = language.Name, Rows = rows }, console => console.WriteTable(KvTable.Of(rows)));
        return ExitCode.Done;
    }

    private Task<LanguageModel> BuiltInAsync(
        Session session,
        ParseResult parsed,
        CancellationToken cancellationToken
    ) =>
        session.WithProgressAsync(
            "Training",
            progress =>
                new Workbench(parsed.GetValue(_cache)).LoadAsync(
                    RecallRecipe.Create(new() { Seed = _seed.Of(parsed) }),
                    progress,
                    cancellationToken
                )
        );

    private (string Name, IReadOnlyList<KvQuestion> Questions)[] BuiltInTasks(ParseResult parsed)
    {
        var options = new RecallTaskOptions { Seed = _seed.Of(parsed) };
        var task = new RecallTask(options);
        var (tokens, count) = (3 * options.Facts + options.Filler, _questions.Of(parsed));
        return
        [
            ("single needle", RecallQuiz.Needle(task, tokens - 3, count, options.Seed)),
            ("multi-key", RecallQuiz.Draw(task, options.Facts, options.Filler, count, options.Seed)),
        ];
    }

    private static (string Name, IReadOnlyList<KvQuestion> Questions)[] Rows(string path, LanguageModel model) =>
        [
            (
                Path.GetFileNameWithoutExtension(path),
                KvQuestionFile.Read(path, model.Tokenizer, model.Decoder.Config.LongestSequence)
            ),
        ];

    /// <summary>At least one head, found by as long a block of tokens as the model has room for.</summary>
    private static RetrievalHeads HeadsOf(CausalLM model)
    {
        var config = model.Config;
        var options = new RetrievalHeadSearchOptions();
        var one = 1.0 / (config.Layers * config.KeyValueHeads);
        return new RetrievalHeadSearch(
            options with
            {
                Block = Math.Clamp(config.LongestSequence / options.Repeats, 2, Math.Min(32, config.VocabularySize)),
                Induction = Math.Max(options.Induction, one),
            }
        ).Run(model);
    }

    private static double[] Shares(string text) =>
        [
            .. text.Split(',')
                .Select(part =>
                    double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var share)
                    && share is > 0 and < 1
                        ? share
                        : throw new InputException(
                            $"--shares: '{part}' is no share; needed are numbers between 0 and 1, with commas between."
                        )
                ),
        ];

    /// <summary>The widest group of codes that divides the head size, or the narrowest for kivi to refuse.</summary>
    private static int Divisor(int headSize) => Groups.FirstOrDefault(group => headSize % group == 0, Groups[^1]);
}
