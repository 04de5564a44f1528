using Palimpsest.Cli.Chat;
using Palimpsest.Inference;
using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

public sealed class ConversationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Conversation _conversation = new();
    private readonly StringWriter _output = new();
    private readonly ChatCommands _commands;

    public ConversationTests() => _commands = new(_conversation, new(), _output);

    public void Dispose()
    {
        _folder.Dispose();
        _output.Dispose();
    }

    [Fact]
    public void The_oldest_exchanges_go_first_and_instructions_stay()
    {
        using var model = TinyChatModel.Create(positions: 64);
        _conversation.System = "the cat";
        for (var i = 0; i < 6; i++)
        {
            _conversation.Add(Turn.User("the dog ate the hat"));
            _conversation.Add(Turn.Assistant($"the mat {i}"));
        }

        _conversation.Add(Turn.User("on the mat"));
        var before = _conversation.Turns.Count;
        var dropped = _conversation.Fit(model, answerTokens: 16);
        Assert.True(dropped > 0 && dropped % 2 == 0);
        Assert.Equal(before - dropped, _conversation.Turns.Count);
        Assert.Equal(
            ("system", "user", "on the mat"),
            (_conversation.Turns[0].Role, _conversation.Turns[1].Role, _conversation.Turns[^1].Content)
        );
        Assert.True(model.EncodeConversation(_conversation.Turns, true).Length <= 48);
        Assert.Equal(0, _conversation.Fit(model, answerTokens: 16));
    }

    [Fact]
    public void A_question_that_is_too_long_alone_is_refused()
    {
        using var model = TinyChatModel.Create(positions: 64);
        _conversation.Add(Turn.User(string.Join(' ', Enumerable.Repeat("mat", 100))));
        Assert.Contains(
            "64 positions",
            Assert.Throws<InputException>(() => _conversation.Fit(model, 16)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_saved_conversation_loads_again()
    {
        _conversation.System = "be kind";
        _conversation.Add(Turn.User("hello"));
        _conversation.Add(Turn.Assistant("hi\n\"there\" é"));
        _commands.Run($"/save {_folder.File("talk.json")}");
        var other = new Conversation();
        other.Load(_folder.File("talk.json"));
        Assert.Equal(_conversation.Turns, other.Turns);
    }

    [Theory]
    [InlineData("{", "not JSON")]
    [InlineData("{}", "list of turns")]
    [InlineData("[1]", "turn 1")]
    [InlineData("[{\"role\": \"tool\", \"content\": \"x\"}]", "tool")]
    [InlineData("[{\"role\": \"user\", \"content\": \"x\"}, {\"role\": \"system\", \"content\": \"x\"}]", "turn 2")]
    [InlineData("[{\"role\": \"user\", \"content\": 4}]", "content")]
    public void A_file_that_is_no_conversation_leaves_the_old_one(string text, string part)
    {
        _conversation.Add(Turn.User("hello"));
        File.WriteAllText(_folder.File("bad.json"), text);
        Assert.Contains(
            part,
            Assert.Throws<InputException>(() => _commands.Run($"/load {_folder.File("bad.json")}")).Message,
            StringComparison.Ordinal
        );
        Assert.Equal([Turn.User("hello")], _conversation.Turns);
    }

    [Fact]
    public void Commands_change_instructions_settings_and_turns()
    {
        _commands.Run("/system be brief");
        Assert.Equal("be brief", _conversation.System);
        _conversation.Add(Turn.User("one"));
        _conversation.Add(Turn.Assistant("1"));
        _commands.Run("/set temperature 0.7");
        _commands.Run("/set top-k 5");
        Assert.Equal((0.7, 5), (_commands.Settings.Temperature, _commands.Settings.TopK));
        var seed = _commands.Settings.Seed;
        Assert.Equal("one", _commands.Run("/retry"));
        Assert.Equal((seed + 1, 1), (_commands.Settings.Seed, _conversation.Turns.Count));
        _commands.Run("/history");
        Assert.Contains("system: be brief", _output.ToString(), StringComparison.Ordinal);
        _commands.Run("/set");
        Assert.Contains("temperature 0.7", _output.ToString(), StringComparison.Ordinal);
        _conversation.Add(Turn.User("two"));
        _commands.Run("/reset");
        Assert.Equal([new Turn("system", "be brief")], _conversation.Turns);
        _commands.Run("/system -");
        Assert.Empty(_conversation.Turns);
        Assert.False(_commands.IsOver);
        _commands.Run("/exit");
        Assert.True(_commands.IsOver);
    }

    [Theory]
    [InlineData("/sav x", "/save")]
    [InlineData("/save", "needs FILE")]
    [InlineData("/set temperatur 1", "temperature")]
    [InlineData("/set temperature hot", "not a number")]
    [InlineData("/set temperature -1", "must be >= 0")]
    [InlineData("/set temperature", "NAME and VALUE")]
    [InlineData("/retry", "nothing has been asked")]
    [InlineData("/load nowhere.json", "nowhere.json")]
    public void A_command_that_cannot_work_says_why_and_changes_nothing(string line, string part)
    {
        var before = _commands.Settings;
        Assert.Contains(
            part,
            Assert.Throws<InputException>(() => _commands.Run(line)).Message,
            StringComparison.Ordinal
        );
        Assert.Equal(before, _commands.Settings);
    }
}
