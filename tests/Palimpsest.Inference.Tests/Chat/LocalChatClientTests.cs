using Microsoft.Extensions.AI;
using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class LocalChatClientTests : IDisposable
{
    private static readonly Tokenizer Words = BpeTrainer.Train(
        ["the cat sat on the mat and the dog ate the hat"],
        new() { VocabularySize = 290, LeastCount = 1 }
    );

    private readonly LanguageModel _model = new(
        new(DecoderConfig.TinyLlama(Words.VocabularySize, 32, 2, 4, 2, 64, 128), 11),
        Words,
        "tiny"
    );
    private readonly LocalChatClient _client;

    public LocalChatClientTests() =>
        _client = new(
            _model,
            new()
            {
                MaxNewTokens = 12,
                Temperature = 1,
                Seed = 5,
            }
        );

    public void Dispose()
    {
        _client.Dispose();
        _model.Dispose();
    }

    [Fact]
    public async Task Streamed_pieces_are_the_whole_answer_and_the_last_one_has_usage_and_reason()
    {
        var whole = await _client.GetResponseAsync("the cat");
        var updates = await _client.GetStreamingResponseAsync("the cat").ToListAsync();
        Assert.True(updates.Count > 2);
        Assert.Equal(whole.Text, string.Concat(updates.Select(u => u.Text)));
        Assert.All(updates.SkipLast(1), u => Assert.Null(u.FinishReason));
        Assert.Single(updates.Select(u => u.MessageId).Distinct());
        Assert.Equal(ChatFinishReason.Length, updates[^1].FinishReason);
        var prompt = _model.EncodeConversation([Turn.User("the cat")], true);
        Assert.Equal(
            (prompt.Length, 12, prompt.Length + 12),
            ((int)whole.Usage!.InputTokenCount!, (int)whole.Usage.OutputTokenCount!, (int)whole.Usage.TotalTokenCount!)
        );
        Assert.Equal(
            Words.Decode(
                (
                    await _model.GenerateAsync(
                        [prompt],
                        new()
                        {
                            MaxNewTokens = 12,
                            Temperature = 1,
                            Seed = 5,
                        }
                    )
                )[0]
            ),
            whole.Text
        );
    }

    [Fact]
    public async Task A_reply_is_logged_in_numbers_and_without_its_words()
    {
        var logger = new ListLogger<LocalChatClient>();
        using var client = new LocalChatClient(_model, new() { MaxNewTokens = 12 }, logger: logger);
        var reply = await client.GetResponseAsync("the cat");
        var prompt = _model.EncodeConversation([Turn.User("the cat")], true);
        var (id, message) = Assert.Single(logger.Entries);
        Assert.Equal(5001, id);
        Assert.StartsWith(
            $"Reply {reply.ResponseId} of tiny: {prompt.Length} tokens read, 12 written in ",
            message,
            StringComparison.Ordinal
        );
        Assert.EndsWith("ended by Length", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_end_token_ends_with_stop_and_is_not_counted()
    {
        var prompt = _model.EncodeConversation([Turn.User("the cat")], true);
        var tokens = (
            await _model.GenerateAsync(
                [prompt],
                new()
                {
                    MaxNewTokens = 12,
                    Temperature = 1,
                    Seed = 5,
                }
            )
        )[0];
        var end = Array.FindIndex(tokens, 2, id => Array.IndexOf(tokens, id) >= 2);
        var client = new LocalChatClient(
            _model,
            new()
            {
                MaxNewTokens = 12,
                Temperature = 1,
                Seed = 5,
                StopTokens = [tokens[end]],
            }
        );
        var response = await client.GetResponseAsync("the cat");
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal(end, response.Usage!.OutputTokenCount);
    }

    [Fact]
    public async Task A_stop_text_ends_the_answer_before_it()
    {
        var whole = (await _client.GetResponseAsync("the cat")).Text;
        var stop = whole.Substring(whole.Length / 2, 2);
        var response = await _client.GetResponseAsync("the cat", new() { StopSequences = [stop] });
        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
    }

    [Fact]
    public async Task Every_sampling_option_changes_the_answer()
    {
        var plain = (await _client.GetResponseAsync("the cat")).Text;
        var options = new Dictionary<string, ChatOptions>
        {
            ["temperature"] = new() { Temperature = 0 },
            ["top k"] = new() { TopK = 1 },
            ["top p"] = new() { TopP = 0.01f },
            ["min p"] = new() { AdditionalProperties = new() { ["min_p"] = 1.0 } },
            ["seed"] = new() { Seed = 77 },
            ["raw"] = new()
            {
                RawRepresentationFactory = _ => new GenerationOptions
                {
                    MaxNewTokens = 12,
                    Temperature = 1,
                    Seed = 78,
                },
            },
        };
        foreach (var (name, changed) in options)
            Assert.True(plain != (await _client.GetResponseAsync("the cat", changed)).Text, name);
        Assert.Equal(plain, (await _client.GetResponseAsync("the cat", new() { Seed = 5 })).Text);
        var greedy = (await _client.GetResponseAsync("the cat", options["temperature"])).Text;
        Assert.Equal(greedy, (await _client.GetResponseAsync("the cat", options["top k"])).Text);
        Assert.Equal(greedy, (await _client.GetResponseAsync("the cat", options["min p"])).Text);
        Assert.Equal(
            3,
            (await _client.GetResponseAsync("the cat", new() { MaxOutputTokens = 3 })).Usage!.OutputTokenCount
        );
    }

    [Fact]
    public async Task Instructions_come_before_the_messages()
    {
        var response = await _client.GetResponseAsync("the cat", new() { Instructions = "the dog" });
        Assert.Equal(
            _model.EncodeConversation([new("system", "the dog"), Turn.User("the cat")], true).Length,
            response.Usage!.InputTokenCount
        );
    }

    [Fact]
    public async Task Penalties_keep_tokens_from_coming_again()
    {
        var greedy = new GenerationOptions { MaxNewTokens = 40 };
        var prompt = _model.EncodeConversation([Turn.User("the cat")], true);
        async Task<double> DistinctShare(GenerationOptions options)
        {
            var tokens = (await _model.GenerateAsync([prompt], options))[0];
            return tokens.Distinct().Count() / (double)tokens.Length;
        }

        var plain = await DistinctShare(greedy);
        Assert.True(plain < 1, "without penalties tokens come again");
        Assert.Equal(1, await DistinctShare(greedy with { FrequencyPenalty = 2 }));
        Assert.Equal(1, await DistinctShare(greedy with { PresencePenalty = 2 }));
        var client = new LocalChatClient(_model, greedy);
        var before = (await client.GetResponseAsync("the cat")).Text;
        Assert.NotEqual(before, (await client.GetResponseAsync("the cat", new() { FrequencyPenalty = 2 })).Text);
        Assert.NotEqual(before, (await client.GetResponseAsync("the cat", new() { PresencePenalty = 2 })).Text);
        Assert.NotEqual(
            before,
            (
                await client.GetResponseAsync(
                    "the cat",
                    new() { AdditionalProperties = new() { ["repetition_penalty"] = 2 } }
                )
            ).Text
        );
    }

    [Fact]
    public async Task Options_that_cannot_be_honoured_are_refused_with_one_line()
    {
        var refused = new Dictionary<string, ChatOptions>
        {
            ["calls no tools"] = new() { Tools = [AIFunctionFactory.Create(() => 1, "one")] },
            ["requires a call"] = new() { ToolMode = ChatToolMode.RequireAny },
            ["JSON"] = new() { ResponseFormat = ChatResponseFormat.Json },
            ["other-model"] = new() { ModelId = "other-model" },
            ["conversation-7"] = new() { ConversationId = "conversation-7" },
            ["min_p"] = new() { AdditionalProperties = new() { ["min_p"] = "much" } },
            ["no option 'top_a'"] = new()
            {
                AdditionalProperties = new() { ["min_p"] = 0.1, ["top_a"] = 1 },
            },
            ["raw options"] = new() { RawRepresentationFactory = _ => "text" },
        };
        foreach (var (part, options) in refused)
            AssertOneLine(
                part,
                await Assert.ThrowsAsync<InputException>(() => _client.GetResponseAsync("the cat", options))
            );
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
            _client.GetResponseAsync("the cat", new() { Temperature = -1 })
        );
        await _client.GetResponseAsync(
            "the cat",
            new()
            {
                ModelId = "tiny",
                ResponseFormat = ChatResponseFormat.Text,
                ToolMode = ChatToolMode.Auto,
            }
        );
    }

    [Fact]
    public async Task Messages_that_are_not_text_of_known_roles_are_refused_with_one_line()
    {
        var refused = new Dictionary<string, ChatMessage[]>
        {
            ["role 'tool'"] =
            [
                new(ChatRole.User, "the cat"),
                new(ChatRole.Tool, [new FunctionResultContent("1", "x")]),
            ],
            ["FunctionCallContent"] = [new(ChatRole.Assistant, [new FunctionCallContent("1", "one")])],
            ["DataContent"] = [new(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")])],
            ["no message"] = [],
        };
        foreach (var (part, messages) in refused)
            AssertOneLine(part, await Assert.ThrowsAsync<InputException>(() => _client.GetResponseAsync(messages)));
        var roles = await _client.GetResponseAsync([
            new(ChatRole.System, "the mat"),
            new(ChatRole.User, "the cat"),
            new(ChatRole.Assistant, "sat"),
            new(ChatRole.User, "on"),
        ]);
        Assert.Equal(
            _model
                .EncodeConversation(
                    [new("system", "the mat"), Turn.User("the cat"), Turn.Assistant("sat"), Turn.User("on")],
                    true
                )
                .Length,
            roles.Usage!.InputTokenCount
        );
    }

    [Fact]
    public async Task A_conversation_that_fills_the_positions_is_refused() =>
        AssertOneLine(
            "128 positions",
            await Assert.ThrowsAsync<InputException>(() =>
                _client.GetResponseAsync(string.Join(' ', Enumerable.Repeat("mat", 200)))
            )
        );

    [Fact]
    public async Task Cancelling_stops_between_tokens_and_the_next_request_works()
    {
        using var stop = new CancellationTokenSource();
        var pieces = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (
                var _ in _client.GetStreamingResponseAsync("the cat", new() { MaxOutputTokens = 100 }, stop.Token)
            )
            {
                if (++pieces == 2)
                    await stop.CancelAsync();
            }
        });
        Assert.InRange(pieces, 2, 90);
        Assert.NotEmpty((await _client.GetResponseAsync("the cat")).Text);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            _client.GetResponseAsync("the cat", cancellationToken: new(canceled: true))
        );
    }

    [Fact]
    public async Task Every_update_says_when_the_reply_was_made()
    {
        var time = new DateTimeOffset(2031, 2, 3, 4, 5, 6, TimeSpan.Zero);
        using var client = new LocalChatClient(_model, new() { MaxNewTokens = 3 }, new FixedClock(time));
        Assert.Equal(time, (await client.GetResponseAsync("the cat")).CreatedAt);
        Assert.All(
            await client.GetStreamingResponseAsync("the cat").ToListAsync(),
            update => Assert.Equal(time, update.CreatedAt)
        );
    }

    [Fact]
    public async Task Processors_of_the_defaults_and_of_raw_options_change_the_answer()
    {
        var greedy = new GenerationOptions { MaxNewTokens = 6 };
        var first = (await _model.GenerateAsync([_model.EncodeConversation([Turn.User("the cat")], true)], greedy))[0];
        var bans = greedy with { LogitProcessors = [new ForbiddenTokens(first)] };
        var plain = (await new LocalChatClient(_model, greedy).GetResponseAsync("the cat")).Text;
        var banned = (await new LocalChatClient(_model, bans).GetResponseAsync("the cat", new() { TopK = 3 })).Text;
        Assert.NotEqual(plain, banned);
        Assert.Equal(
            banned,
            (await _client.GetResponseAsync("the cat", new() { RawRepresentationFactory = _ => bans })).Text
        );
    }

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }

    [Fact]
    public void Services_are_found_by_type()
    {
        var metadata = _client.GetService<ChatClientMetadata>()!;
        Assert.Equal(("palimpsest", "tiny"), (metadata.ProviderName, metadata.DefaultModelId));
        Assert.Same(_model, _client.GetService<LanguageModel>());
        Assert.Same(_client, _client.GetService<IChatClient>());
        Assert.Null(_client.GetService<string>());
        Assert.Null(_client.GetService(typeof(LanguageModel), "key"));
    }

    [Fact]
    public async Task Middleware_and_requests_at_once_work()
    {
        using var client = _client
            .AsBuilder()
            .Use((messages, options, next, token) => next(messages, options, token))
            .Build();
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => client.GetResponseAsync("the cat")));
        Assert.Single(answers.Select(answer => answer.Text).Distinct());
    }

    private static void AssertOneLine(string part, InputException error)
    {
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
