using System.Text.Json;
using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

public sealed class DataVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public DataVerbTests()
    {
        File.WriteAllText(_folder.File("forget.txt"), "Ada Lind was born in Velmora.\nShe sings.\n");
        File.WriteAllText(_folder.File("retain.txt"), "Bo Tarn was born in Dravik.\nCleo Falk was born in Pellow.\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Sentences_become_facts_and_rows_and_a_check_finds_what_is_spoilt()
    {
        var facts = await JsonAsync("facts", [.. Sentences, "--out", _folder.File("facts")]);
        Assert.Equal("patterns", facts.GetProperty("source").GetString());
        Assert.EndsWith("forget.txt, line 2", facts.GetProperty("unread")[0].GetProperty("place").GetString());
        var rows = await JsonAsync(
            "perturb",
            [.. Rows("facts"), "--out", _folder.File("rows"), "--wrong-answers", "1"]
        );
        Assert.Equal(0, rows.GetProperty("missing").GetArrayLength());
        Assert.Single(QuestionAnswerFile.Read(_folder.File("rows", "forget.jsonl"))[0].PerturbedAnswers);

        string[] check = ["data", "check", .. Rows("rows"), "--facts", _folder.File("facts", "facts.jsonl"), "--json"];
        var sound = JsonDocument.Parse(await InProcess.DoneAsync(check)).RootElement;
        Assert.Equal(0, sound.GetProperty("errors").GetInt32());
        File.AppendAllText(_folder.File("rows", "forget.jsonl"), """{"question": "q"}""");
        var (code, output, _) = await InProcess.RunAsync(check);
        Assert.Equal(ExitCode.Failed, code);
        var issue = JsonDocument.Parse(output).RootElement.GetProperty("issues")[0];
        Assert.Equal("error", issue.GetProperty("severity").GetString());
        Assert.Equal(2, issue.GetProperty("row").GetInt32());
        var (_, text, _) = await InProcess.RunAsync(check[..^1]);
        Assert.Contains("forget.jsonl, row 2: 'answer' is missing", text.ReplaceLineEndings(" "));
    }

    [Fact]
    public async Task A_model_at_an_endpoint_reads_facts_and_what_it_makes_up_is_not_taken()
    {
        Environment.SetEnvironmentVariable("PALIMPSEST_DATA_KEY", "secret-3");
        using var server = new FakeChatServer(request =>
            FakeChatReply.Say(
                request.Body.GetRawText().Contains("She sings", StringComparison.Ordinal)
                    ? """{"subject": "Ada Lind", "relation": "hobby", "value": "painting", "question": "What?"}"""
                    : Read(request.Prompt)
            )
        );
        var facts = await JsonAsync(
            "facts",
            [
                .. Sentences,
                "--out",
                _folder.File("facts"),
                .. Endpoint(server),
                "--generator-key-env",
                "PALIMPSEST_DATA_KEY",
            ]
        );
        Assert.Equal("writer", facts.GetProperty("source").GetString());
        Assert.Contains(
            "'painting' does not stand in the text",
            facts.GetProperty("unread")[0].GetProperty("reason").GetString()
        );
        Assert.Equal(5, server.Requests.Count); // four sentences, one of them twice
        Assert.All(server.Requests, request => Assert.Equal("Bearer secret-3", request.Authorization));
        var fact = FactFile.Read(_folder.File("facts", "facts.jsonl"))[0];
        Assert.Equal(("Velmora", "origin", "Ada Lind"), (fact.Object, fact.Relation, fact.Subject));
        Assert.Equal(["Atlantis", "Dravik", "Pellow", "Velmora"], fact.Candidates);
    }

    [Fact]
    public async Task A_model_at_an_endpoint_writes_rows_and_rules_stand_in_where_it_writes_the_right_answer()
    {
        await JsonAsync("facts", [.. Sentences, "--out", _folder.File("facts")]);
        using var server = new FakeChatServer(request =>
            FakeChatReply.Say(
                request.Body.GetRawText().Contains("Ada", StringComparison.Ordinal)
                    ? """{"paraphrased_question": "P?", "paraphrased_answer": "A!", "perturbed_answer": ["B!", "a!"]}"""
                    : """Here: {"paraphrased_question": "P?", "paraphrased_answer": "A!", "perturbed_answer": ["B!"]}"""
            )
        );
        var rows = await JsonAsync("perturb", [.. Rows("facts"), "--out", _folder.File("rows"), .. Endpoint(server)]);
        Assert.Equal(1, rows.GetProperty("fallbacks").GetInt32());
        var (forget, retain) = (
            QuestionAnswerFile.Read(_folder.File("rows", "forget.jsonl"))[0],
            QuestionAnswerFile.Read(_folder.File("rows", "retain.jsonl"))[0]
        );
        Assert.Equal("The birthplace of Ada Lind is Velmora.", forget.ParaphrasedAnswer);
        Assert.Equal(("P?", "A!"), (retain.ParaphrasedQuestion, retain.ParaphrasedAnswer));
        Assert.Equal(["B!"], retain.PerturbedAnswers);
    }

    [Theory]
    [InlineData("give --forget, --retain or --holdout", "facts", "--out", "x")]
    [InlineData("give --forget, --retain, --holdout or --facts", "check")]
    [InlineData("must be from 1 to 20", "perturb", "--out", "x", "--wrong-answers", "30")]
    public async Task What_does_not_fit_is_one_line(string part, params string[] arguments) =>
        await InProcess.RefusedAsync([part], ["data", .. arguments]);

    [Fact]
    public async Task What_is_there_already_is_not_replaced_without_being_asked_for()
    {
        string[] facts = ["data", "facts", .. Sentences, "--out", _folder.File("facts")];
        await InProcess.DoneAsync(facts);
        await InProcess.RefusedAsync(["is there already"], facts);
        await InProcess.DoneAsync([.. facts, "--overwrite"]);
    }

    private string[] Sentences => ["--forget", _folder.File("forget.txt"), "--retain", _folder.File("retain.txt")];

    private string[] Rows(string folder) =>
        ["--forget", _folder.File(folder, "forget.jsonl"), "--retain", _folder.File(folder, "retain.jsonl")];

    private static string[] Endpoint(FakeChatServer server) =>
        ["--generator-endpoint", server.Address, "--generator-model", "writer"];

    private static string Read(string prompt)
    {
        var words = prompt.Split('\n').Single(line => line.EndsWith('.') && line.Contains("was born in")).Split(' ');
        var (name, town) = ($"{words[0]} {words[1]}", words[^1].TrimEnd('.'));
        return $$"""
            {"subject": "{{name}}", "relation": "origin", "value": "{{town}}", "question": "Whence is {{name}}?",
            "question_in_other_words": "Is {{name}} of {{town}}?", "wrong_values": ["Atlantis", "{{town}}"]}
            """;
    }

    private static async Task<JsonElement> JsonAsync(string verb, string[] arguments) =>
        JsonDocument.Parse(await InProcess.DoneAsync(["data", verb, .. arguments, "--json"])).RootElement;
}
