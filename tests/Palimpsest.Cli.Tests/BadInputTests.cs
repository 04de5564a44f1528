using System.Text.Json.Nodes;

namespace Palimpsest.Cli.Tests;

/// <summary>Bad input to the program: exit code 2 and one line on standard error.</summary>
public sealed class BadInputTests(TinyWorkspace work) : IClassFixture<TinyWorkspace>
{
    [Theory]
    [InlineData("generate")]
    [InlineData("forget ga")]
    [InlineData("attack sleek")]
    [InlineData("evaluate tofu")]
    public Task A_missing_model_folder_is_named(string verb)
    {
        var none = work.File("no-such-folder");
        File.WriteAllText(
            work.File("facts.jsonl"),
            """{"id":"1","scope":"forget","subject":"s","relation":"r","object":"o","question":"q","answer":"a"}"""
        );
        string[] rest = verb switch
        {
            "generate" => ["--prompt", "x"],
            "forget ga" => ["--forget", work.Forget, "--out", work.File("out-missing")],
            "attack sleek" =>
            [
                "--original",
                none,
                "--facts",
                work.File("facts.jsonl"),
                "--run",
                work.File("run-attack"),
            ],
            _ => ["--data", work.File("no-such-data"), "--run", work.File("run-evaluate")],
        };
        return InProcess.RefusedAsync(["no-such-"], [.. verb.Split(' '), "--model", none, .. rest]);
    }

    [Fact]
    public Task An_unknown_model_type_is_named_with_those_that_are_known()
    {
        var folder = Spoilt("unknown-type", json => json["model_type"] = "abacus");
        return InProcess.RefusedAsync(
            ["config.json", "abacus", "llama", "mistral", "qwen2", "qwen3"],
            "generate",
            "--model",
            folder,
            "--prompt",
            "x"
        );
    }

    [Fact]
    public Task A_tokenizer_of_another_model_is_refused()
    {
        var folder = work.CopyOfModel("other-tokenizer");
        BpeTrainer
            .Train([string.Join(' ', Enumerable.Range(1000, 400))], new() { VocabularySize = 600, LeastCount = 1 })
            .Save(folder);
        return InProcess.RefusedAsync(
            ["tokenizer", "of another model"],
            "generate",
            "--model",
            folder,
            "--prompt",
            "x"
        );
    }

    [Fact]
    public Task Weights_that_are_cut_off_are_refused()
    {
        var folder = work.CopyOfModel("cut");
        using (var stream = File.OpenWrite(Path.Combine(folder, "model.safetensors")))
            stream.SetLength(stream.Length / 2);
        return InProcess.RefusedAsync(["model.safetensors"], "generate", "--model", folder, "--prompt", "x");
    }

    [Fact]
    public Task A_row_without_an_answer_is_named_with_its_file_and_line()
    {
        File.WriteAllText(work.File("bare.jsonl"), "{\"question\": \"a\", \"answer\": \"b\"}\n{\"question\": \"c\"}\n");
        return InProcess.RefusedAsync(
            ["bare.jsonl, line 2", "'answer' is missing"],
            "train",
            "--data",
            work.File("bare.jsonl"),
            "--out",
            work.File("out"),
            "--run",
            work.File("run-bare")
        );
    }

    [Fact]
    public Task Overlapping_forget_and_retain_rows_are_refused() =>
        InProcess.RefusedAsync(
            ["in both", "forget.jsonl, row 1"],
            "forget",
            "npo-rt",
            "--model",
            work.Model,
            "--forget",
            work.Forget,
            "--retain",
            work.Forget,
            "--out",
            work.File("out")
        );

    [Fact]
    public Task An_empty_forget_set_is_refused()
    {
        File.WriteAllText(work.File("empty.jsonl"), "");
        return InProcess.RefusedAsync(
            ["empty.jsonl", "no row"],
            "forget",
            "ga",
            "--model",
            work.Model,
            "--forget",
            work.File("empty.jsonl"),
            "--out",
            work.File("out")
        );
    }

    [Fact]
    public Task A_method_that_needs_retain_rows_says_so() =>
        InProcess.RefusedAsync(
            ["--retain: is missing", "npo-rt"],
            "forget",
            "npo-rt",
            "--model",
            work.Model,
            "--forget",
            work.Forget,
            "--out",
            work.File("out"),
            "--run",
            work.File("run-npo")
        );

    [Theory]
    [InlineData("train")]
    [InlineData("forget")]
    public Task A_row_longer_than_the_models_positions_is_named_with_its_file(string verb)
    {
        var rows = work.File($"long-{verb}.jsonl");
        File.WriteAllText(
            rows,
            "{\"question\":\"q\",\"answer\":\"a\"}\n{\"question\":\"q2\",\"answer\":\""
                + string.Concat(Enumerable.Repeat("xyz ", 90))
                + "\"}\n"
        );
        string[] options = verb == "train" ? ["train", "--data"] : ["forget", "ga", "--forget"];
        return InProcess.RefusedAsync(
            [$"long-{verb}.jsonl, row 2", "64 positions"],
            [.. options, rows, "--model", work.Model, "--out", work.File("out"), "--run", work.File("run-long")]
        );
    }

    [Fact]
    public Task A_prompt_longer_than_the_models_positions_is_refused() =>
        InProcess.RefusedAsync(
            ["64 positions"],
            "generate",
            "--model",
            work.Model,
            "--raw",
            "--prompt",
            string.Concat(Enumerable.Repeat("xyz ", 90))
        );

    [Fact]
    public Task A_width_that_the_heads_do_not_divide_is_refused() =>
        InProcess.RefusedAsync(
            ["--hidden-size", "100", "16 --heads"],
            "train",
            "--data",
            work.Forget,
            "--out",
            work.File("out"),
            "--run",
            work.File("run-width"),
            "--hidden-size",
            "100",
            "--heads",
            "16"
        );

    [Fact]
    public Task A_text_that_is_no_UTF8_is_refused()
    {
        File.WriteAllBytes(work.File("latin1.txt"), [0x61, 0xE9, 0x62]);
        return InProcess.RefusedAsync(
            ["latin1.txt", "UTF-8"],
            "train",
            "--text",
            work.File("latin1.txt"),
            "--out",
            work.File("out"),
            "--run",
            work.File("run-latin1")
        );
    }

    [Fact]
    public async Task Bad_input_leaves_no_output_folder_behind()
    {
        await InProcess.RefusedAsync(
            ["no-such-rows"],
            "train",
            "--data",
            work.File("no-such-rows"),
            "--out",
            work.File("never"),
            "--run",
            work.File("never-run")
        );
        Assert.False(Directory.Exists(work.File("never")));
        Assert.False(Directory.Exists(work.File("never-run")));
    }

    private string Spoilt(string name, Action<JsonObject> change)
    {
        var path = Path.Combine(work.CopyOfModel(name), "config.json");
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(json);
        File.WriteAllText(path, json.ToJsonString());
        return work.File(name);
    }
}
