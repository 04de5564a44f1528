using Palimpsest.Inference;
using Palimpsest.TestKit;

namespace Palimpsest.Evaluation.Tests;

public sealed class ProbeWriterTests
{
    private static readonly RequestPolicy Quick = new()
    {
        RetrySeconds = 0,
        Attempts = 2,
        TimeoutSeconds = 20,
    };

    private static readonly Fact Town = new()
    {
        Id = "town",
        Scope = FactScope.Forget,
        Subject = "Mira",
        Relation = "birthplace",
        Object = "Tarnholm",
        Question = "Where was Mira born?",
        Answer = "Mira was born in Tarnholm.",
    };

    private const string Good = """
        Sure, here they are:
        [{"question": "Which harbour saw Mira's birth?", "category": "direct", "knowledge_point": "born in Tarnholm"},
         {"question": "Is it Tarnholm?", "category": "direct"},
         {"question": "Which river runs through the town of Mira's childhood?", "category": "Indirect",
          "knowledge_point": "the Ost"},
         {"question": "Which archive holds the papers of the author of Salt Ledger?", "category": "direct"},
         {"question": 7, "category": "direct"}, {"question": "No category?"},
         {"question": "A bad one?", "category": "oblique"}]
        """;

    [Fact]
    public async Task Probes_come_from_an_endpoint_s_JSON_through_hygiene_and_the_rule()
    {
        using var server = new FakeChatServer(request =>
            FakeChatReply.Say(IsWriting(request) ? Good : "1. She is an author.\nAnswer: Tarnholm")
        );
        var writer = Writer(server);
        var probes = await writer.WriteAsync([Town]);
        Assert.Equal((1, 0, 1, 1), (writer.Written, writer.Fallbacks, writer.Dropped, writer.Relabelled));
        Assert.Equal(
            [ProbeCategory.Direct, ProbeCategory.Indirect, ProbeCategory.Implied],
            probes.Where(probe => probe.Mode == ProbeMode.Single).Select(probe => probe.Category)
        );
        var talk = Assert.Single(probes, probe => probe.Mode == ProbeMode.Conversation);
        Assert.Equal(3, talk.Steps.Count);
        Assert.StartsWith("Which archive", talk.Steps[0], StringComparison.Ordinal);
        Assert.Equal("the Ost", probes.Single(probe => probe.Category == ProbeCategory.Indirect).KnowledgePoint);
        Assert.All(
            probes.Where(probe => probe.Mode == ProbeMode.Single),
            probe => Assert.Equal(Town.Answer, probe.Statement)
        );
    }

    [Theory]
    [InlineData("I would rather not.")]
    [InlineData("[{\"question\": ")]
    [InlineData("[1, 2, 3]")]
    [InlineData("[]")]
    [InlineData("[{\"question\": \"Is it Tarnholm?\", \"category\": \"direct\"}]")]
    public async Task Where_no_probe_can_be_read_templates_stand_in_and_are_counted(string reply)
    {
        using var server = new FakeChatServer(_ => FakeChatReply.Say(reply));
        var writer = Writer(server);
        var probes = await writer.WriteAsync([Town]);
        Assert.Equal((0, 1), (writer.Written, writer.Fallbacks));
        Assert.Equal(
            OfflineProbes.Generate([Town], new()).Select(probe => probe.Text),
            probes.Select(probe => probe.Text)
        );
    }

    [Fact]
    public async Task A_reply_that_cannot_be_read_is_asked_for_once_more()
    {
        var asked = 0;
        using var server = new FakeChatServer(request =>
            FakeChatReply.Say(IsWriting(request) && ++asked == 2 ? Good : "hm")
        );
        var writer = Writer(server);
        await writer.WriteAsync([Town]);
        Assert.Equal((1, 0, 2), (writer.Written, writer.Fallbacks, asked));
    }

    [Fact]
    public async Task An_endpoint_that_fails_is_an_error_not_a_fallback()
    {
        using var server = new FakeChatServer(_ => FakeChatReply.Raw("oops", 500));
        var error = await Assert.ThrowsAsync<InputException>(() => Writer(server).WriteAsync([Town]));
        Assert.Contains("no answer after 2 attempts", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Probes_are_the_same_after_a_file()
    {
        using var folder = new TemporaryFolder();
        var probes = OfflineProbes.Generate([Town], new() { Instructed = true, FactorGrid = true });
        ProbeFile.Write(folder.File("probes.jsonl"), probes);
        Assert.Equal(Sleek.Hash(probes), Sleek.Hash(ProbeFile.Read(folder.File("probes.jsonl"), [Town])));
    }

    [Theory]
    [InlineData("{", "line 1")]
    [InlineData("{\"id\": \"a\"}", "line 1")]
    [InlineData("[]", "line 1")]
    [InlineData("null", "line 1")]
    [InlineData("", "no probe")]
    [InlineData(
        "{\"id\": \"a\", \"fact_id\": \"nobody\", \"scope\": \"forget\", \"category\": \"direct\", \"text\": \"x\", "
            + "\"knowledge_point\": \"\", \"expected\": [\"y\"]}",
        "nobody"
    )]
    [InlineData(
        "{\"id\": \"a\", \"fact_id\": \"town\", \"scope\": \"retain\", \"category\": \"direct\", \"text\": \"x\", "
            + "\"knowledge_point\": \"\", \"expected\": [\"y\"]}",
        "scope"
    )]
    [InlineData(
        "{\"id\": \"a\", \"fact_id\": \"town\", \"scope\": \"forget\", \"category\": \"oblique\", \"text\": \"x\", "
            + "\"knowledge_point\": \"\", \"expected\": [\"y\"]}",
        "line 1"
    )]
    [InlineData(
        "{\"id\": \"a\", \"fact_id\": \"town\", \"scope\": \"forget\", \"category\": \"direct\", \"text\": \"x\", "
            + "\"knowledge_point\": \"\", \"expected\": []}",
        "expected"
    )]
    [InlineData(
        "{\"id\": \"a\", \"fact_id\": \"town\", \"scope\": \"forget\", \"category\": \"direct\", \"text\": \"is it "
            + "y\", \"knowledge_point\": \"\", \"expected\": [\"y\"]}",
        "own answer"
    )]
    [InlineData(
        "{\"id\": \"a\", \"fact_id\": \"town\", \"scope\": \"forget\", \"category\": \"direct\", \"text\": \"x\", "
            + "\"knowledge_point\": \"\", \"expected\": [\"y\"], \"extra\": 1}",
        "extra"
    )]
    public void A_line_that_is_no_probe_is_named(string text, string part)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("probes.jsonl"), text);
        var error = Assert.Throws<InputException>(() => ProbeFile.Read(folder.File("probes.jsonl"), [Town]));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static bool IsWriting(FakeChatRequest request) => request.Prompt.Contains("JSON", StringComparison.Ordinal);

    private static ProbeWriter Writer(FakeChatServer server) =>
        new(
            new ChatClientTextModel(
                HostedChatClient.Connect(new() { Endpoint = server.Address, Model = "fake" }),
                "fake",
                Quick
            ),
            new()
        );
}
