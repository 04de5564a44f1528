using System.ComponentModel;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Palimpsest.Worlds;

namespace Palimpsest.Inference.Tests;

public sealed class ToolCallTests : IDisposable
{
    private readonly List<string> _called = [];
    private int _age = 42;
    private readonly LocalChatClient _client = new(ToolCaller.Model, new() { MaxNewTokens = 120 });

    public void Dispose() => _client.Dispose();

    private AIFunction AgeOf =>
        AIFunctionFactory.Create(
            ([Description("Who")] string person) =>
            {
                lock (_called)
                    _called.Add(person);
                return _age;
            },
            "age_of",
            "The age of a person."
        );

    private static AIFunction Colour =>
        AIFunctionFactory.Create((DayOfWeek day, long count, string? note) => $"{day} {count} {note}", "colour_of");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_answer_states_the_tools_result_for_people_and_results_that_training_never_had(bool streams)
    {
        using var client = new FunctionInvokingChatClient(_client);
        var options = new ChatOptions { Tools = [AgeOf] };
        var stated = 0;
        for (var i = 0; i < 40; i++)
        {
            var person = ToolCallRecipe.HeldOutPeople[i * 7 % ToolCallRecipe.HeldOutPeople.Count];
            _age = ToolCallRecipe.HeldOutAges[i % ToolCallRecipe.HeldOutAges.Count];
            _called.Clear();
            var question = ToolCallRecipe.Question(person);
            var response = streams
                ? await client.GetStreamingResponseAsync(question, options).ToChatResponseAsync()
                : await client.GetResponseAsync(question, options);
            Assert.Equal(
                [ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant],
                response.Messages.Select(message => message.Role)
            );
            Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
            if (_called.SequenceEqual([person]) && response.Text == ToolCallRecipe.Answer(person, _age))
                stated++;
        }

        Assert.True(stated >= 38, $"{stated} of 40 conversations");
    }

    [Fact]
    public async Task What_needs_no_tool_is_answered_without_one()
    {
        var response = await _client.GetResponseAsync(ToolCallRecipe.Greeting, new() { Tools = [AgeOf] });
        Assert.Equal(ToolCallRecipe.Introduction, response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.All(response.Messages.SelectMany(m => m.Contents), c => Assert.IsNotType<FunctionCallContent>(c));
    }

    [Fact]
    public async Task A_call_is_one_content_with_the_arguments_and_no_text()
    {
        var response = await _client.GetResponseAsync(ToolCallRecipe.Question("Ada"), new() { Tools = [AgeOf] });
        Assert.Equal("", response.Text);
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
        var call = Assert.Single(response.Messages[0].Contents.OfType<FunctionCallContent>());
        Assert.Equal(("age_of", 9), (call.Name, call.CallId.Length));
        Assert.Equal("Ada", ((JsonElement)call.Arguments!["person"]!).GetString());
    }

    [Fact]
    public async Task A_required_call_comes_whatever_was_asked()
    {
        var any = await CallAsync(new() { Tools = [AgeOf, Colour], ToolMode = ChatToolMode.RequireAny });
        Assert.Contains(any.Name, new[] { "age_of", "colour_of" });
        var one = await CallAsync(
            new() { Tools = [AgeOf, Colour], ToolMode = ChatToolMode.RequireSpecific("colour_of") }
        );
        Assert.Equal("colour_of", one.Name);
        var result = await Colour.InvokeAsync(new(one.Arguments));
        Assert.NotNull(result);

        async Task<FunctionCallContent> CallAsync(ChatOptions options)
        {
            options.AllowMultipleToolCalls = false;
            var response = await _client.GetResponseAsync(ToolCallRecipe.Greeting, options);
            Assert.Equal("", response.Text);
            return Assert.Single(response.Messages[0].Contents.OfType<FunctionCallContent>());
        }
    }

    [Fact]
    public async Task Tools_that_are_barred_are_not_shown_and_not_called()
    {
        var plain = await _client.GetResponseAsync(ToolCallRecipe.Question("Ada"));
        var barred = await _client.GetResponseAsync(
            ToolCallRecipe.Question("Ada"),
            new() { Tools = [AgeOf], ToolMode = ChatToolMode.None }
        );
        Assert.Equal(plain.Usage!.InputTokenCount, barred.Usage!.InputTokenCount);
        Assert.Equal(plain.Text, barred.Text);
        Assert.DoesNotContain(barred.Messages[0].Contents, content => content is FunctionCallContent);
    }

    [Fact]
    public async Task An_untrained_model_of_any_template_makes_valid_calls_when_it_must()
    {
        using var model = TinyModels.New(3, positions: 900);
        var client = new LocalChatClient(model, new() { MaxNewTokens = 200, Temperature = 1 });
        for (var seed = 0; seed < 6; seed++)
        {
            var response = await client.GetResponseAsync(
                [
                    new(ChatRole.User, "the cat"),
                    new(ChatRole.Assistant, [new FunctionCallContent("1", "colour_of")]),
                    new(ChatRole.Tool, [new FunctionResultContent("1", "red")]),
                ],
                new()
                {
                    Tools = [Colour],
                    ToolMode = ChatToolMode.RequireAny,
                    Seed = seed,
                }
            );
            var calls = response.Messages[0].Contents.OfType<FunctionCallContent>().ToArray();
            Assert.NotEmpty(calls);
            foreach (var call in calls)
                Assert.NotNull(await Colour.InvokeAsync(new(call.Arguments)));
        }
    }

    [Fact]
    public async Task Replies_at_once_keep_their_own_constraints()
    {
        ChatOptions[] options =
        [
            new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse("""{"type": "integer"}""")) },
            new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse("""{"enum": ["x", "y"]}""")) },
            new() { Tools = [AgeOf], ToolMode = ChatToolMode.RequireAny },
            new(),
            new() { Tools = [AgeOf] },
        ];
        var replies = await Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(async i =>
                    await _client
                        .GetStreamingResponseAsync(
                            ToolCallRecipe.Question(ToolCallRecipe.People[i % 8]),
                            options[i % 5]
                        )
                        .ToChatResponseAsync()
                )
        );
        for (var i = 0; i < replies.Length; i++)
        {
            var calls = replies[i].Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>().ToArray();
            Assert.Equal(i % 5 is 2 or 4, calls.Length > 0);
            if (i % 5 == 0)
                Assert.True(long.TryParse(replies[i].Text, out _), replies[i].Text);
            if (i % 5 == 1)
                Assert.Contains(replies[i].Text.Trim(), new[] { "\"x\"", "\"y\"" });
            if (i % 5 is 2 or 4)
                Assert.Equal(ToolCallRecipe.People[i % 8], calls[0].Arguments!["person"]?.ToString());
        }
    }

    private sealed record Weather(string Place, long[] Degrees, DayOfWeek Day, bool? IsWet);

    [Fact]
    public async Task A_typed_answer_is_read_whatever_the_model()
    {
        for (var seed = 0; seed < 5; seed++)
        {
            var response = await _client.GetResponseAsync<Weather>(
                "Who?",
                new ChatOptions
                {
                    Temperature = 1.5f,
                    Seed = seed,
                    MaxOutputTokens = 120,
                }
            );
            Assert.NotNull(response.Result.Place);
            Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        }

        var any = await _client.GetResponseAsync("Who?", new() { ResponseFormat = ChatResponseFormat.Json });
        Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(any.Text).RootElement.ValueKind);
        var cut = await _client.GetResponseAsync<Weather>("Who?", new ChatOptions { MaxOutputTokens = 3 });
        Assert.Equal(ChatFinishReason.Length, cut.FinishReason);
    }

    [Fact]
    public async Task Tools_that_cannot_be_called_are_refused_with_one_line()
    {
        var refused = new Dictionary<string, ChatOptions>
        {
            ["HostedWebSearchTool"] = new() { Tools = [new HostedWebSearchTool()] },
            ["two tools have the name 'age_of'"] = new() { Tools = [AgeOf, AgeOf] },
            ["requires 'none'; its tools are age_of"] = new()
            {
                Tools = [AgeOf],
                ToolMode = ChatToolMode.RequireSpecific("none"),
            },
            ["tool 'span': #/properties/span: 'pattern'"] = new()
            {
                Tools = [AIFunctionFactory.Create((TimeSpan span) => span, "span")],
            },
        };
        foreach (var (part, options) in refused)
        {
            var error = await Assert.ThrowsAsync<InputException>(() => _client.GetResponseAsync("Who?", options));
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
        }
    }
}
