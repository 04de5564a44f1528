using Palimpsest.Inference;

namespace Palimpsest.Evaluation.Tests;

/// <summary>The tests that look inside: logit lens and linear probe, on models of a few blocks.</summary>
public sealed class InsideTests
{
    private const string Text = "Where was Ada born? Ada was born in Tarn. Bea Cid Dov Eve Fay Pell town river?";

    [Fact]
    public void The_last_block_of_the_lens_is_the_model_itself_and_the_others_are_not()
    {
        using var model = Tiny(seed: 4);
        var sequences = FakeAudit
            .Facts.SelectMany(fact =>
                fact.AnswersByCandidate().Select(answer => model.EncodeAnswer(fact.Question, answer))
            )
            .ToArray();
        var lens = HiddenStates.LensProbabilities(model.Decoder, 0, sequences, CancellationToken.None);
        var scores = TokenScorer.Score(model.Decoder, 0, sequences, new(), CancellationToken.None);
        Assert.Equal(3, lens.Length);
        for (var i = 0; i < sequences.Length; i++)
        {
            Assert.Equal(Math.Exp(-scores[i].MeanNll), lens[2][i], 1e-6);
            Assert.NotEqual(lens[2][i], lens[0][i], 1e-6);
        }
    }

    [Fact]
    public async Task The_lens_finds_all_of_the_original_in_itself_and_nothing_in_the_retrained_model()
    {
        // Of random models the one that knows most by chance, and the one that knows least.
        var models = Enumerable.Range(1, 8).Select(seed => Tiny((ulong)seed)).ToArray();
        var forget = FakeAudit.Facts.Where(fact => fact.Scope == FactScope.Forget).ToArray();
        var known = new List<double>();
        foreach (var model in models)
            known.Add((await FactKnowledge.ScoreAsync(model, forget)).Average());
        var (original, retrained) = (models[known.IndexOf(known.Max())], models[known.IndexOf(known.Min())]);
        Assert.True(known.Max() - known.Min() > 0.05);
        var test = new LogitLensTest();
        var same = await RunAsync(test, original, original, retrained);
        var none = await RunAsync(test, original, retrained, retrained);
        Assert.Equal((1, 0), (same.Recovery!.Value, none.Recovery!.Value));
        Assert.Equal(4, same.Recovery.N);
        Assert.NotEmpty(same.Sections[0].Parts.OfType<CurvesPart>().Single().Lines["retrained"]);
        foreach (var model in models)
            model.Dispose();
    }

    [Fact]
    public async Task Where_no_block_tells_the_original_from_the_zero_the_lens_says_nothing()
    {
        using var original = Tiny(seed: 4);
        var finding = await RunAsync(new LogitLensTest(), original, original, original);
        Assert.Null(finding.Recovery);
        Assert.Contains(
            "no block tells the original from the retrained model",
            finding.NotMade,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_best_block_with_a_gap_counts()
    {
        double[][] zero =
        [
            [0.1, 0.1],
            [0.1, 0.1],
            [0.1, 0.1],
        ];
        double[][] one =
        [
            [0.14, 0.14],
            [0.6, 0.6],
            [0.9, 0.9],
        ];
        double[][] measured =
        [
            [0.14, 0.14],
            [0.4, 0.4],
            [0.2, 0.2],
        ]; // the first block has no gap of 0.05
        Assert.Equal(0.6, LogitLensTest.BestOf(measured, zero, one)!.Value, 1e-12);
        Assert.Null(LogitLensTest.BestOf([measured[0]], [zero[0]], [one[0]]));
        Assert.Equal(
            1,
            LogitLensTest
                .BestOf(
                    [
                        [0.99, 0.99],
                    ],
                    [zero[2]],
                    [one[2]]
                )!
                .Value
        );
        Assert.Equal(
            0,
            LogitLensTest
                .BestOf(
                    [
                        [0, 0],
                    ],
                    [zero[2]],
                    [one[2]]
                )!
                .Value
        );
    }

    [Fact]
    public void A_probe_names_classes_that_a_line_parts_and_follows_a_mirror()
    {
        using var train = tensor(
            new double[,]
            {
                { 0, 5 },
                { 1, 7 },
                { 2, 5 },
                { 8, 6 },
                { 9, 5 },
                { 10, 7 },
            }
        );
        using var test = tensor(
            new double[,]
            {
                { -1, 6 },
                { 12, 6 },
                { 3, 6 },
                { 7, 6 },
            }
        );
        Assert.Equal([0, 1, 0, 1], LinearProbe.Predict(train, [0, 0, 0, 1, 1, 1], test));
        Assert.Equal([1, 0, 1, 0], LinearProbe.Predict(train, [1, 1, 1, 0, 0, 0], test));
        Assert.Equal([0, 2, 0, 2], LinearProbe.Predict(train, [0, 0, 0, 2, 2, 2], test));
        Assert.Throws<ArgumentException>(() => LinearProbe.Predict(train, [0, 1], test));
    }

    [Fact]
    public void A_probe_knows_the_share_of_classes_where_features_say_nothing()
    {
        using var train = tensor(
            new double[,]
            {
                { 1 },
                { 1 },
                { 1 },
                { 1 },
                { 1 },
            }
        );
        using var test = tensor(
            new double[,]
            {
                { 1 },
                { 1 },
            }
        );
        Assert.Equal([1, 1], LinearProbe.Predict(train, [1, 0, 1, 1, 0], test));
    }

    [Fact]
    public void A_probe_tells_something_where_it_reads_the_original_better_than_chance_allows()
    {
        double[] Right(int count) => [.. Enumerable.Range(0, 12).Select(i => i < count ? 1.0 : 0.0)];
        Assert.Null(LinearProbeTest.NoSpan(Right(6), Right(0))); // p 0.031
        Assert.Equal("5 and 0 of 12 facts, p 0.06", LinearProbeTest.NoSpan(Right(5), Right(0)));
        Assert.Equal("8 and 6 of 12 facts, p 0.50", LinearProbeTest.NoSpan(Right(8), Right(6)));
        Assert.NotNull(LinearProbeTest.NoSpan(Right(0), Right(12)));
        Assert.NotNull(LinearProbeTest.NoSpan(Right(4), Right(4)));
    }

    [Fact]
    public void Probe_tasks_learn_from_kept_facts_and_half_of_the_forgotten_subjects_alone()
    {
        var facts = People();
        var task = Assert.Single(ProbeTask.FromFacts(facts));
        var (learnt, asked) = (task.Train.Select(fact => fact.Subject), task.Test.Select(fact => fact.Subject));
        Assert.Empty(learnt.Intersect(asked));
        Assert.All(task.Test, fact => Assert.Equal(FactScope.Forget, fact.Scope));
        Assert.Equal(4, task.Train.Count(fact => fact.Scope == FactScope.Retain));
        Assert.Equal(2, task.Train.Count(fact => fact.Scope == FactScope.Forget));
        Assert.Equal(2, task.Test.Count);
        Assert.Empty(ProbeTask.FromFacts([.. facts.Select(fact => fact with { Relation = "" })]));
        Assert.Empty(ProbeTask.FromFacts([.. facts.Select(fact => fact with { Object = "Tarn" })]));
        var unseen = facts.Select(fact => fact.Subject is "Bea" or "Dov" ? fact with { Object = "Nowhere" } : fact);
        Assert.Empty(ProbeTask.FromFacts([.. unseen]));
    }

    [Fact]
    public void A_task_reads_states_in_which_the_value_lies_and_none_from_others()
    {
        var task = ProbeTask.FromFacts(People())[0];
        Fact[] all = [.. task.Train, .. task.Test];
        using var states = tensor(all.Select(fact => fact.Object == "Tarn" ? 1.0 : -1.0).ToArray()).unsqueeze(1);
        Assert.All(task.TestIsRight(states), right => Assert.Equal(1, right));
        Assert.All(task.FoldsRight(states), right => Assert.Equal(1, right));
        using var mirrored = states.clone();
        mirrored.narrow(0, task.Train.Count, task.Test.Count).neg_();
        Assert.All(task.TestIsRight(mirrored), right => Assert.Equal(0, right));
    }

    [Fact]
    public void The_states_of_a_prompt_are_those_of_its_last_token_and_no_tensor_is_left()
    {
        using var model = Tiny(seed: 4);
        int[][] prompts =
        [
            [1, 2, 3],
            [4, 5],
        ];
        HiddenStates.AtLastToken(model.Decoder, prompts, CancellationToken.None).ToList().ForEach(t => t.Dispose());
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var states = HiddenStates.AtLastToken(model.Decoder, prompts, CancellationToken.None);
        Assert.Equal(3, states.Length);
        Assert.Equal([2, 16], states[0].shape);
        using (var scope = NewDisposeScope())
        {
            using var grad = no_grad();
            var ids = tensor(new long[] { 4, 5 }, [1, 2]);
            var final = model.Decoder.Forward(new() { TokenIds = ids, Logits = LogitsFor.None }).Hidden;
            var read = model.Decoder.LensHidden(states[2][1].to(ScalarType.Float32));
            Assert.True((final[0, 1] - read).abs().max().item<float>() < 1e-5f);
        }

        foreach (var state in states)
            state.Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static Fact[] People() =>
        [
            .. new[] { "Ada", "Bea", "Cid", "Dov" }.Select((name, i) => New(name, FactScope.Forget, i < 2)),
            .. new[] { "Eve", "Fay", "Gil", "Hal" }.Select((name, i) => New(name, FactScope.Retain, i % 2 == 0)),
        ];

    private static Fact New(string name, FactScope scope, bool tarn) =>
        FakeAudit.Facts[0] with
        {
            Id = name,
            Subject = name,
            Scope = scope,
            Object = tarn ? "Tarn" : "Pell",
            Question = $"Where was {name} born?",
            Answer = $"{name} was born in {(tarn ? "Tarn" : "Pell")}.",
        };

    private static Task<AuditFinding> RunAsync(
        LogitLensTest test,
        IScoredModel original,
        IScoredModel candidate,
        IScoredModel retrained
    )
    {
        var request = FakeAudit.Request(candidate, retrained, test);
        var context = new AuditContext(
            request with
            {
                Models = request.Models with { Original = original },
            },
            [],
            new()
        );
        Assert.Null(test.WhyNot(context));
        return test.RunAsync(context, CancellationToken.None);
    }

    private static LanguageModel Tiny(ulong seed)
    {
        var tokenizer = BpeTrainer.Train([Text], new() { VocabularySize = 300 });
        var config = DecoderConfig.TinyLlama(tokenizer.VocabularySize, 16, 3, 2, 2, 32, 64) with
        {
            InitializerRange = 0.4,
        };
        var model = new LanguageModel(new CausalLM(config, seed), tokenizer, $"tiny {seed}");
        model.Decoder.eval();
        return model;
    }
}
