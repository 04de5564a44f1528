using System.Text.Json;
using System.Text.Json.Nodes;
using Palimpsest.Inference;

namespace Palimpsest.Cli.Tests.Verbs;

/// <summary>Deletion requests one after another.</summary>
public sealed class ForgetRequestsTests(TinyWorkspace work) : IClassFixture<TinyWorkspace>
{
    private static readonly string[] Ids = ["case 7", "case 2", "case 5"];

    [Fact]
    public async Task Requests_are_granted_in_their_order_measured_after_each_and_attacked_at_the_end()
    {
        Write("three.jsonl", Ids);
        var json = await DoneAsync("three", "three.jsonl");
        var report = json["requests"]!;
        Assert.Equal(Ids, report["steps"]!.AsArray().Select(step => step!["requests"]!.AsArray().Single()!.ToString()));
        Assert.All(
            report["steps"]!.AsArray(),
            step =>
            {
                Assert.Equal(Ids.Order(), step!["known"]!.AsObject().Select(known => known.Key).Order());
                Assert.Equal(2, step["known"]!["case 7"]!["right"]!["n"]!.GetValue<int>());
                Assert.Equal(2, step["steps"]!.GetValue<int>());
            }
        );
        Assert.Equal(6, json["training"]!["steps"]!.GetValue<int>());
        double Probability(JsonNode known) => known["probability"]!["value"]!.GetValue<double>();
        var (before, last) = (report["before"]!["case 7"]!, report["steps"]![2]!["known"]!["case 7"]!);
        Assert.True(Probability(last) < Probability(before));
        var (rested, relearned) = (report["before_relearning"]!["case 2"]!, report["after_relearning"]!["case 2"]!);
        Assert.NotEqual(Probability(rested), Probability(relearned));
        Assert.Equal(1, relearned["right"]!["n"]!.GetValue<int>());

        using var result = LanguageModel.Load(work.File("three"));
        var left = Directory.GetDirectories(work.File("run-three", "requests"), "*", SearchOption.AllDirectories);
        Assert.Equal(
            ["0001", "0002", "0003", "model"],
            left.Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task A_run_that_was_stopped_between_requests_goes_on_bit_for_bit()
    {
        Write("resume.jsonl", Ids);
        await DoneAsync("whole", "resume.jsonl");
        await DoneAsync("stopped", "resume.jsonl");
        foreach (var lost in new[] { "request-2", "request-2-after", "request-3", "request-3-after" })
            File.Delete(work.File("run-stopped", "stages", $"{lost}.json"));

        // What a run has that stopped after its first request: that request's model, and none of a later one.
        foreach (var later in new[] { "0002", "0003" })
            Directory.Delete(work.File("run-stopped", "requests", later), recursive: true);
        Write("first.jsonl", Ids[..1]);
        await DoneAsync("first", "first.jsonl");
        Directory.Move(
            work.File("run-first", "requests", "0001", "model"),
            work.File("run-stopped", "requests", "0001", "model")
        );
        await InProcess.DoneAsync([.. Command("stopped", "resume.jsonl", run: "run-stopped"), "--overwrite"]);
        Assert.Equal(
            await File.ReadAllBytesAsync(Path.Combine(work.File("whole"), "model.safetensors")),
            await File.ReadAllBytesAsync(Path.Combine(work.File("stopped"), "model.safetensors"))
        );
    }

    [Fact]
    public async Task All_at_once_is_one_run_of_the_method_on_all_rows()
    {
        Write("once.jsonl", Ids);
        var json = await DoneAsync("once", "once.jsonl", "--at-once");
        var step = Assert.Single(json["requests"]!["steps"]!.AsArray())!;
        Assert.Equal(Ids, step["requests"]!.AsArray().Select(id => id!.ToString()));
        await InProcess.DoneAsync([
            .. Command("plain", "once.jsonl", run: "run-plain")
                .Select(word => word == "--requests" ? "--forget" : word),
        ]);
        Assert.Equal(
            await File.ReadAllBytesAsync(Path.Combine(work.File("plain"), "model.safetensors")),
            await File.ReadAllBytesAsync(Path.Combine(work.File("once"), "model.safetensors"))
        );
    }

    [Fact]
    public async Task What_does_not_go_together_is_refused_in_one_line()
    {
        Write("good.jsonl", Ids);
        string[] good = Command("x", "good.jsonl", run: "run-x");
        await InProcess.RefusedAsync(["--forget", "--requests", "exactly one"], [.. good, "--forget", work.Forget]);
        await InProcess.RefusedAsync(["--requests", "trains an adapter"], [.. good, "--lora-rank", "2"]);
        await InProcess.RefusedAsync(
            ["--at-once", "no --requests"],
            [.. good.Select(word => word == "--requests" ? "--forget" : word), "--at-once"]
        );
        await File.WriteAllTextAsync(work.File("refusals.txt"), "I do not know.");
        string[] others = ["--retain", work.Retain, "--alternates", work.File("refusals.txt")];
        string[] pair = [.. good.Select(word => word == "ga" ? "uld" : word), .. others];
        await InProcess.RefusedAsync(["--requests", "several models"], pair);

        await File.WriteAllTextAsync(work.File("bad.jsonl"), """{"question": "a?", "answer": "b"}""");
        await InProcess.RefusedAsync([work.File("bad.jsonl"), "line 1", "request"], Command("y", "bad.jsonl", "run-y"));
        await File.WriteAllTextAsync(
            work.File("twice.jsonl"),
            """
            {"request": "1", "question": "a?", "answer": "b"}
            {"request": "2", "question": "A?", "answer": "c"}
            """
        );
        await InProcess.RefusedAsync(
            [work.File("twice.jsonl"), "is in", "allowed is none"],
            Command("z", "twice.jsonl", "run-z")
        );
    }

    private string[] Command(string name, string requests, string run) =>
        [
            "forget",
            "ga",
            "--model",
            work.Model,
            "--requests",
            work.File(requests),
            "--out",
            work.File(name),
            "--run",
            work.File(run),
            "--epochs",
            "2",
        ];

    private async Task<JsonObject> DoneAsync(string name, string requests, params string[] more)
    {
        var output = await InProcess.DoneAsync([.. Command(name, requests, $"run-{name}"), .. more, "--json"]);
        return JsonNode.Parse(output)!.AsObject();
    }

    private void Write(string file, IEnumerable<string> ids) =>
        File.WriteAllLines(
            work.File(file),
            ids.SelectMany(id =>
                Enumerable
                    .Range(1, 2)
                    .Select(i =>
                        JsonSerializer.Serialize(
                            new
                            {
                                request = id,
                                question = $"What did {id} keep in box {i}?",
                                answer = $"It kept {i * 7} stones.",
                            }
                        )
                    )
            )
        );
}
