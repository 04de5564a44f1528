namespace Palimpsest.Inference.Tests;

public sealed class ReplyQueueTests : IDisposable
{
    private readonly LanguageModel _model = TinyModels.New(11, positions: 1200);

    public void Dispose() => _model.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Replies_that_are_asked_for_at_once_have_the_tokens_that_they_have_alone(double temperature)
    {
        var options = Enumerable
            .Range(0, 24)
            .Select(i => new GenerationOptions
            {
                MaxNewTokens = 5 + i * 7 % 40,
                Temperature = i % 3 == 0 ? 0 : temperature,
                TopK = 20,
                Seed = (ulong)i,
            })
            .ToArray();
        var prompts = options.Select((_, i) => Prompt(1 + i * 5 % 90, i)).ToArray();
        var alone = new List<int[]>();
        for (var i = 0; i < prompts.Length; i++)
            alone.Add((await _model.GenerateAsync([prompts[i]], options[i]))[0]);
        for (var round = 0; round < 3; round++)
        {
            var together = await Task.WhenAll(prompts.Select((p, i) => _model.GenerateAsync([p], options[i])));
            Assert.Equal(alone, together.Select(rows => rows[0]));
        }
    }

    [Fact]
    public async Task Eight_replies_at_once_take_few_more_passes_than_one()
    {
        var steps = new CountingSteps(_model.Steps);
        var queue = new ReplyQueue(steps, 0);
        using var ready = new ManualResetEventSlim();
        steps.BeforeRead = _ => ready.Wait();
        var replies = Enumerable.Range(0, 8).Select(i => queue.AddAsync(Row(Prompt(10, i), 30))).ToArray();
        ready.Set();
        Assert.All(await Task.WhenAll(replies), row => Assert.Equal(30, row.Tokens.Length));
        Assert.InRange(steps.Reads.Count, 8 + 29, 8 + 29 + 8);
        Assert.Contains(steps.Reads, read => read.Rows == 8);
    }

    [Fact]
    public async Task Sixteen_rows_are_decoded_together_and_later_ones_take_the_places_of_those_that_end()
    {
        var steps = new CountingSteps(_model.Steps);
        var queue = new ReplyQueue(steps, 0);
        using var ready = new ManualResetEventSlim();
        steps.BeforeRead = _ => ready.Wait();
        var replies = Enumerable.Range(0, 40).Select(i => queue.AddAsync(Row(Prompt(3, i), 60 + i))).ToArray();
        ready.Set();
        var rows = await Task.WhenAll(replies);
        for (var i = 0; i < rows.Length; i++)
            Assert.Equal(60 + i, rows[i].Tokens.Length);
        Assert.Equal(16, steps.Reads.Max(read => read.Rows));
    }

    [Fact]
    public async Task Others_go_on_while_a_long_prompt_is_read()
    {
        var steps = new CountingSteps(_model.Steps);
        var queue = new ReplyQueue(steps, 0);
        using var ready = new ManualResetEventSlim();
        steps.BeforeRead = _ => ready.Wait();
        var first = queue.AddAsync(Row(Prompt(3, 0), 40));
        var second = queue.AddAsync(Row(Prompt(1100, 1), 2));
        ready.Set();
        await Task.WhenAll(first, second);
        var parts = steps.Reads.Index().Where(read => read.Item.Tokens > 3).Select(read => read.Index).ToArray();
        Assert.Equal(3, parts.Length);
        Assert.All(parts.Zip(parts.Skip(1)), pair => Assert.Equal(pair.First + 2, pair.Second));
    }

    [Fact]
    public async Task Cancelling_one_reply_ends_it_alone_and_soon()
    {
        var steps = new CountingSteps(_model.Steps);
        var queue = new ReplyQueue(steps, 0);
        using var stop = new CancellationTokenSource();
        using var ready = new ManualResetEventSlim();
        steps.BeforeRead = number =>
        {
            ready.Wait();
            if (number == 12)
                stop.Cancel();
        };
        var heard = 0;
        var cancelled = queue.AddAsync(Row(Prompt(5, 0), 100, () => heard++, stop.Token));
        var other = queue.AddAsync(Row(Prompt(5, 1), 50));
        ready.Set();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.InRange(heard, 1, 12);
        Assert.Equal(50, (await other).Tokens.Length);
        Assert.InRange(steps.Reads.Count, 50, 60);
    }

    [Fact]
    public async Task A_long_prompt_is_left_after_the_part_in_which_its_reply_is_cancelled()
    {
        var steps = new CountingSteps(_model.Steps);
        using var stop = new CancellationTokenSource();
        steps.BeforeRead = _ => stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new ReplyQueue(steps, 0).AddAsync(Row(Prompt(1100, 1), 2, cancellation: stop.Token))
        );
        Assert.Single(steps.Reads);
    }

    [Fact]
    public async Task One_that_waits_behind_a_full_batch_can_be_cancelled()
    {
        var queue = new ReplyQueue(new CountingSteps(_model.Steps), 0);
        using var stop = new CancellationTokenSource();
        var full = Enumerable.Range(0, 16).Select(i => queue.AddAsync(Row(Prompt(3, i), 400))).ToArray();
        var waiting = queue.AddAsync(Row(Prompt(3, 99), 400, cancellation: stop.Token));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Contains(full, reply => !reply.IsCompleted);
        await Task.WhenAll(full);
    }

    [Fact]
    public async Task A_reply_whose_processor_fails_fails_alone()
    {
        var broken = new GenerationOptions { MaxNewTokens = 9, LogitProcessors = [new Broken()] };
        var good = _model.GenerateAsync([Prompt(4, 1)], new() { MaxNewTokens = 30 });
        var bad = _model.GenerateAsync([Prompt(4, 2)], broken);
        Assert.Equal("on purpose", (await Assert.ThrowsAsync<InvalidDataException>(() => bad)).Message);
        Assert.Equal(30, (await good)[0].Length);
        await Assert.ThrowsAsync<InputException>(() =>
            _model.GenerateAsync(
                [
                    [_model.Decoder.Config.VocabularySize],
                ],
                new()
            )
        );
        Assert.Equal(3, (await _model.GenerateAsync([Prompt(4, 1)], new() { MaxNewTokens = 3 }))[0].Length);
    }

    [Fact]
    public async Task An_error_of_the_model_ends_every_reply_and_the_queue_goes_on()
    {
        var steps = new CountingSteps(_model.Steps);
        var queue = new ReplyQueue(steps, 0);
        using var ready = new ManualResetEventSlim();
        steps.BeforeRead = number =>
        {
            ready.Wait();
            if (number == 9)
                throw new InvalidDataException("the model broke");
        };
        var replies = Enumerable.Range(0, 3).Select(i => queue.AddAsync(Row(Prompt(4, i), 20))).ToArray();
        ready.Set();
        foreach (var reply in replies)
            Assert.Equal("the model broke", (await Assert.ThrowsAsync<InvalidDataException>(() => reply)).Message);
        Assert.Equal(5, (await queue.AddAsync(Row(Prompt(4, 9), 5))).Tokens.Length);
    }

    [Fact]
    public async Task A_model_whose_rows_cannot_join_answers_calls_at_once_too()
    {
        using var model = new LanguageModel(
            new(
                _model.Decoder.Config with
                {
                    RopeScaling = new() { Kind = RopeScalingKind.Dynamic, Factor = 2 },
                },
                3
            ),
            TinyModels.Words,
            "dynamic"
        );
        var options = new GenerationOptions { MaxNewTokens = 12 };
        var alone = (await model.GenerateAsync([Prompt(9, 1)], options))[0];
        var together = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(_ => model.GenerateAsync([Prompt(9, 1)], options))
        );
        Assert.All(together, rows => Assert.Equal(alone, rows[0]));
    }

    private static int[] Prompt(int length, int seed) =>
        [.. Enumerable.Range(0, length).Select(i => 3 + (i * i + seed * 31) % 200)];

    private static GenerationRow Row(
        int[] prompt,
        int newTokens,
        Action? onToken = null,
        CancellationToken cancellation = default
    ) =>
        new(new(prompt), new() { MaxNewTokens = newTokens })
        {
            EndTokens = new HashSet<int>(),
            Cancellation = cancellation,
            OnToken = (_, _) => onToken?.Invoke(),
        };

    private sealed class Broken : ILogitProcessor, IRowProcessor
    {
        private int _calls;

        public IRowProcessor Begin(IReadOnlyList<int> prompt) => this;

        public void Process(Span<float> logits)
        {
            if (++_calls == 3)
                throw new InvalidDataException("on purpose");
        }

        public void Accept(int token) { }
    }
}
