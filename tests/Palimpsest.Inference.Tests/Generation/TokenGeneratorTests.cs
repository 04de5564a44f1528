namespace Palimpsest.Inference.Tests;

public sealed class TokenGeneratorTests : IDisposable
{
    private readonly CausalLM _decoder = new(
        DecoderConfig.TinyLlama(TinyModels.Words.VocabularySize, 32, 2, 4, 2, 64, 1600) with
        {
            InitializerRange = 0.3,
        },
        11
    );

    public void Dispose() => _decoder.Dispose();

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 0)]
    [InlineData(3, 0.8)]
    public void Live_tensors_stay_flat_over_two_hundred_tokens(int rows, double temperature)
    {
        var generator = New(new DecoderSteps(_decoder));
        var options = new GenerationOptions { MaxNewTokens = 200, Temperature = temperature };
        var counts = new List<long>();
        generator.Run([new([5])], options); // makes the rotary tables, which stay
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        generator.Run(
            [.. Enumerable.Range(1, rows).Select(row => new Prompt([.. Enumerable.Repeat(5, row)]))],
            options,
            (row, _) =>
            {
                if (row == 0)
                    counts.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            }
        );
        Assert.Equal(200, counts.Count);
        var changes = Enumerable
            .Range(1, 199)
            .Where(i => counts[i] != counts[i - 1])
            .Select(i => $"{i}: {counts[i - 1]} to {counts[i]}");
        Assert.True(counts[10] == counts[^1], string.Join(", ", changes));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [InlineData(1, 1, 1, 1)]
    [InlineData(1, 512, 1, 512)]
    [InlineData(1, 513, 2, 1)]
    [InlineData(1, 1500, 3, 476)]
    [InlineData(8, 600, 3, 88)]
    [InlineData(32, 65, 2, 1)]
    public void A_prompt_is_read_in_parts_that_are_shorter_the_more_rows_there_are(
        int rows,
        int length,
        int parts,
        int last
    )
    {
        var steps = new CountingSteps(new DecoderSteps(_decoder));
        New(steps).Run([.. Enumerable.Range(0, rows).Select(_ => Long(length))], new() { MaxNewTokens = 1 });
        Assert.Equal(parts, steps.Reads.Count);
        Assert.Equal((rows, last), steps.Reads[^1]);
        Assert.Equal(length, steps.Reads.Sum(read => read.Tokens));
    }

    [Fact]
    public void Reading_in_parts_gives_the_tokens_of_a_whole_pass()
    {
        var tokens = New(new DecoderSteps(_decoder)).Run([Long(1100), Long(40)], new() { MaxNewTokens = 8 });
        using var scope = NewDisposeScope();
        foreach (var (prompt, row) in new[] { Long(1100), Long(40) }.Zip(tokens))
        {
            long[] ids = [.. prompt.Ids.Concat(row.Tokens).Select(id => (long)id)];
            var logits = _decoder.Forward(new() { TokenIds = tensor(ids, [1, ids.Length]) }).Logits![0];
            for (var i = 0; i < row.Tokens.Length; i++)
                Assert.Equal(row.Tokens[i], logits[prompt.Length - 1 + i].argmax().item<long>());
        }
    }

    [Fact]
    public void Cancelling_ends_a_long_prompt_after_the_part_that_is_being_read()
    {
        using var stop = new CancellationTokenSource();
        var steps = new CountingSteps(new DecoderSteps(_decoder))
        {
            BeforeRead = number =>
            {
                if (number == 2)
                    stop.Cancel();
            },
        };
        Assert.ThrowsAny<OperationCanceledException>(() =>
            New(steps).Run([Long(1500)], new() { MaxNewTokens = 4 }, cancellationToken: stop.Token)
        );
        Assert.Equal(2, steps.Reads.Count);
    }

    [Fact]
    public void A_model_whose_tokens_depend_on_the_whole_length_reads_a_prompt_in_one_pass()
    {
        using var decoder = new CausalLM(
            _decoder.Config with
            {
                RopeScaling = new() { Kind = RopeScalingKind.Dynamic, Factor = 2 },
            },
            11
        );
        var steps = new CountingSteps(new DecoderSteps(decoder));
        New(steps).Run([Long(700)], new() { MaxNewTokens = 2 });
        Assert.Equal([(1, 700), (1, 1)], steps.Reads);
    }

    [Fact]
    public void Embeddings_of_ids_are_continued_as_the_ids_are()
    {
        using var scope = NewDisposeScope();
        var embedding = _decoder.ParameterRefs.First(r => r.Component == ModelComponent.Embedding).Value();
        int[][] ids =
        [
            [4, 8, 15],
            [16, 23, 42, 7, 9],
        ];
        var generator = New(new DecoderSteps(_decoder));
        var options = new GenerationOptions { MaxNewTokens = 10 };
        var embedded = generator.Run(
            [.. ids.Select(row => new Prompt(embedding.index_select(0, tensor(row.Select(id => (long)id).ToArray()))))],
            options
        );
        Assert.Equal(
            generator.Run([.. ids.Select(row => new Prompt(row))], options).Select(row => row.Tokens),
            embedded.Select(row => row.Tokens)
        );
        var mixed = Assert.Throws<InputException>(() =>
            generator.Run([new(ids[0]), new(zeros(2, 32))], new() { MaxNewTokens = 1 })
        );
        Assert.Contains("mixed", mixed.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new Prompt(zeros(1, 2, 32)));
    }

    [Fact]
    public void Processors_change_every_row_by_what_it_has_seen_itself_and_come_after_the_penalties()
    {
        var generator = New(new DecoderSteps(_decoder));
        Prompt[] prompts = [new([4, 8, 15]), new([16, 23])];
        var plain = generator.Run(prompts, new() { MaxNewTokens = 6 });
        var banned = plain[0].Tokens[0];
        var options = new GenerationOptions { MaxNewTokens = 6, LogitProcessors = [new ForbiddenTokens([banned])] };
        foreach (var row in generator.Run(prompts, options))
            Assert.DoesNotContain(banned, row.Tokens);
        var (unpenalised, seen) = (new Recorder(), new Recorder());
        generator.Run([prompts[0]], options with { LogitProcessors = [unpenalised] });
        generator.Run(
            prompts,
            options with
            {
                RepetitionPenalty = 2,
                LogitProcessors = [options.LogitProcessors[0], seen],
            }
        );
        Assert.Equal(2, seen.Rows.Count);
        foreach (var row in seen.Rows)
        {
            Assert.Equal(6, row.Tokens.Count);
            Assert.All(row.Banned, logit => Assert.Equal(float.NegativeInfinity, logit[banned]));
        }

        var first = seen.Rows.Single(row => row.Prompt.Count == 3).Banned[0];
        foreach (var (id, logit) in unpenalised.Rows[0].Banned[0].Index().Where(pair => pair.Index != banned))
        {
            var penalised = logit > 0 ? logit / 2 : logit * 2;
            Assert.Equal(prompts[0].Ids.Contains(id) ? penalised : logit, first[id], 1e-4);
        }

        Assert.Equal(
            [
                [4, 8, 15],
                [16, 23],
            ],
            seen.Rows.Select(row => row.Prompt).OrderByDescending(p => p.Count)
        );
        Assert.Equal(
            generator.Run(prompts, options with { LogitProcessors = [] }).Select(row => row.Tokens),
            plain.Select(row => row.Tokens)
        );
    }

    [Fact]
    public void A_row_that_no_token_may_continue_is_refused()
    {
        var all = new ForbiddenTokens(Enumerable.Range(0, TinyModels.Words.VocabularySize));
        foreach (var temperature in new[] { 0, 0.7 })
        {
            var error = Assert.Throws<InputException>(() =>
                New(new DecoderSteps(_decoder))
                    .Run(
                        [new([4])],
                        new()
                        {
                            MaxNewTokens = 3,
                            Temperature = temperature,
                            LogitProcessors = [all],
                        }
                    )
            );
            Assert.Contains("Every token is forbidden", error.Message, StringComparison.Ordinal);
        }
    }

    private static Prompt Long(int length) => new([.. Enumerable.Range(0, length).Select(i => 3 + i * i % 97)]);

    private static TokenGenerator New(IStepModel steps) => new(steps, TinyModels.Words, new HashSet<int>(), 0);

    private sealed class Recorder : ILogitProcessor
    {
        public List<Row> Rows { get; } = [];

        public IRowProcessor Begin(IReadOnlyList<int> prompt)
        {
            Rows.Add(new(prompt));
            return Rows[^1];
        }
    }

    private sealed class Row(IReadOnlyList<int> prompt) : IRowProcessor
    {
        public IReadOnlyList<int> Prompt => prompt;

        public List<float[]> Banned { get; } = [];

        public List<int> Tokens { get; } = [];

        public void Process(Span<float> logits) => Banned.Add(logits.ToArray());

        public void Accept(int token) => Tokens.Add(token);
    }
}
