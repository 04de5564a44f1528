using System.Text.Json;
using Palimpsest.Unlearning;

namespace Palimpsest.Cli.Tests.Verbs;

/// <summary>Every method of the catalogue from the command line, and what its result can be used for.</summary>
public sealed class ForgetVerbTests(TinyWorkspace work) : IClassFixture<TinyWorkspace>
{
    public static TheoryData<string> Ids => [.. Unlearning.Catalog.All.Select(entry => entry.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Every_method_forgets_on_a_small_model_and_its_result_answers(string id)
    {
        await InProcess.DoneAsync(Forget(id, work.File(id)));
        using var result = StoredModel.Load(work.File(id));
        var replies = await result.ReplyAsync(
            [
                [Turn.User("What did Ada keep in box 1?")],
            ],
            new() { MaxNewTokens = 2 }
        );
        Assert.Single(replies);
        var record = ResultRecord.Read(work.File(id))!;
        Assert.Equal($"forget {id}", record.MadeBy);
        Assert.Contains(record.StillHeldBy, place => place.Path == (id == "uoe" ? work.ExpertModel : work.Model));
    }

    [Fact]
    public async Task A_pair_and_an_adapter_that_changed_its_base_are_generated_from_and_evaluated_by_name()
    {
        await InProcess.DoneAsync(Forget("uld", work.File("pair")));
        string[] settings = ["--result", "adapter"];
        await InProcess.DoneAsync([.. Forget("loku", work.File("adapted")), .. settings]);
        Assert.Equal(BaseRecord.OwnFolder, ResultRecord.Read(work.File("adapted"))!.Base!.Path);
        Assert.Equal(
            [KnowledgePlaceKind.Target, KnowledgePlaceKind.Assistant],
            ResultRecord.Read(work.File("pair"))!.StillHeldBy.Take(2).Select(place => place.Kind)
        );
        await File.WriteAllTextAsync(work.File("text.txt"), "Ada kept 7 stones in it. Bert kept 14 stones in it.");
        foreach (var result in new[] { work.File("pair"), work.File("adapted") })
        {
            string[] generate = ["generate", "--model", result, "--prompt", "What?", "--max-new-tokens", "1"];
            await InProcess.DoneAsync(generate);
            string[] perplexity = ["evaluate", "perplexity", "--model", result, "--data", work.File("text.txt")];
            await InProcess.DoneAsync([.. perplexity, "--block-tokens", "8"]);
        }

        string[] compress = ["compress", "quantize", "--model", work.File("pair"), "--out", work.File("small")];
        await InProcess.RefusedAsync([work.File("pair"), "2 models that answer as one by uld"], compress);
        string[] again = [.. Forget("ga", work.File("again"))];
        again[Array.IndexOf(again, work.Model)] = work.File("adapted");
        await InProcess.RefusedAsync([work.File("adapted"), "is an adapter", "model convert"], again);
    }

    [Fact]
    public async Task Whp_takes_anchors_where_it_trains_and_none_where_it_composes()
    {
        await File.WriteAllTextAsync(work.File("names.jsonl"), """{"term": "Ada", "replacement": "the man"}""");
        string[] anchors = ["--anchors", work.File("names.jsonl")];
        string[] apart = ["--at-decoding", "true"];
        Assert.Equal(ExitCode.Done, await Shell.RunAsync(Forget("whp", work.File("plain"))));
        Assert.Equal(ExitCode.Done, await Shell.RunAsync([.. Forget("whp", work.File("named")), .. anchors]));
        Assert.Equal(ExitCode.Done, await Shell.RunAsync([.. Forget("whp", work.File("apart")), .. apart]));
        Assert.NotEqual(
            await File.ReadAllBytesAsync(Path.Combine(work.File("plain"), "model.safetensors")),
            await File.ReadAllBytesAsync(Path.Combine(work.File("named"), "model.safetensors"))
        );
        Assert.Equal("whp", ResultRecord.Read(work.File("apart"))!.Composition!.Composer);
        using (StoredModel.Load(work.File("apart"))) { }

        string[] both = [.. Forget("whp", work.File("both")), .. apart, .. anchors];
        await InProcess.RefusedAsync(["--anchors", "whp reads no anchors"], both);
        string[] other = [.. Forget("ga", work.File("other")), .. anchors];
        await InProcess.RefusedAsync(["--anchors", "ga reads no anchors"], other);
        await File.WriteAllTextAsync(work.File("names.jsonl"), """{"term": "Ada", "replacement": "Ada"}""");
        string[] same = [.. Forget("whp", work.File("same")), .. anchors];
        await InProcess.RefusedAsync([work.File("names.jsonl"), "entry 1"], same);
    }

    [Fact]
    public async Task Codeeraser_stops_by_held_out_rows_and_others_refuse_them()
    {
        var rows = Enumerable
            .Range(1, 3)
            .Select(i => new { question = $"Cleo {i}?", answer = $"Cleo kept {i} stones." });
        string[] holdout = ["--holdout", work.File("unseen.jsonl")];
        string[] erase = [.. Forget("codeeraser", work.File("erased")), .. holdout, "--stop-ngram", "2"];
        Write("unseen.jsonl", rows);
        Assert.Equal(ExitCode.Done, await Shell.RunAsync(erase));
        await InProcess.RefusedAsync(
            ["--holdout", "ga reads no held-out rows"],
            [.. Forget("ga", work.File("held")), .. holdout]
        );
        string[] without = [.. Forget("codeeraser", work.File("unheld")), "--stop-ngram", "2"];
        await InProcess.RefusedAsync(["stop-ngram", "without held-out rows"], without);
        await File.WriteAllTextAsync(work.File("unseen.jsonl"), await File.ReadAllTextAsync(work.Forget));
        erase[Array.IndexOf(erase, work.File("erased"))] = work.File("erased-again");
        erase[Array.IndexOf(erase, $"{work.File("erased")}-run")] = work.File("erased-again-run");
        await InProcess.RefusedAsync([work.File("unseen.jsonl")], erase);
    }

    [Fact]
    public async Task Rows_without_secrets_and_answers_to_other_questions_are_refused_with_their_place()
    {
        string[] erase = [.. Forget("codeeraser", work.File("never"))];
        erase[Array.IndexOf(erase, work.File("secrets.jsonl"))] = work.Forget;
        await InProcess.RefusedAsync(["row 0 has no tagged token"], erase);
        string[] pair = [.. Forget("uld", work.File("nor"))];
        pair[Array.IndexOf(pair, work.File("wrong.jsonl"))] = work.Retain;
        await InProcess.RefusedAsync([work.Retain, "row 1", "no question of the forget rows"], pair);
        string[] bare = [.. Forget("dp2unlearning", work.File("neither")).SkipLast(4)];
        await InProcess.RefusedAsync(["epsilon and delta"], bare);
    }

    private string[] Forget(string id, string target)
    {
        var rows = QuestionAnswerFile.Read(work.Forget);
        Write(
            "secrets.jsonl",
            rows.Select(row => new
            {
                question = row.Question,
                answer = row.Answer,
                secrets = new[] { "stones" },
            })
        );
        Write("wrong.jsonl", rows.Select(row => new { question = row.Question, answer = $"{row.Answer} No." }));
        File.WriteAllText(work.File("refusals.txt"), "I do not know.\nNobody knows.\n");
        var method = Unlearning.Catalog.Find(id).CreateDefault();
        string[] retain = method.ReadsRetain ? ["--retain", work.Retain] : [];
        string[] alternates = id == "uld" ? ["--alternates", work.File("wrong.jsonl")] : [];
        if (id != "uld" && method.ReadsAlternates)
            alternates = ["--alternates", work.File("refusals.txt")];
        string[] own = id == "dp2unlearning" ? ["--epsilon", "1", "--delta", "1e-5"] : [];
        return
        [
            "forget",
            id,
            "--model",
            id == "uoe" ? work.ExpertModel : work.Model,
            "--forget",
            id == "codeeraser" ? work.File("secrets.jsonl") : work.Forget,
            .. retain,
            .. alternates,
            "--out",
            target,
            "--run",
            $"{target}-run",
            "--max-steps",
            "2",
            .. own,
        ];
    }

    private void Write<T>(string name, IEnumerable<T> rows) =>
        File.WriteAllLines(work.File(name), rows.Select(row => JsonSerializer.Serialize(row)));
}
