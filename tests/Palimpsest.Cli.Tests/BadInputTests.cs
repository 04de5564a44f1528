using Palimpsest.Models;
using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

public sealed class BadInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task A_missing_model_folder_is_named() => FailsWith("no-such-folder", "generate", "--model", _folder.File("no-such-folder"), "--prompt", "x");

    [Fact]
    public Task An_unknown_method_gets_the_nearest_name() => FailsWith("npo", "forget", "nbo");

    [Fact]
    public Task An_unknown_verb_is_refused() => FailsWith("frobnicate", "frobnicate");

    [Fact]
    public Task A_value_outside_its_range_is_refused() => FailsWith("--top-p", "generate", "--model", _folder.Path, "--prompt", "x", "--top-p", "nought");

    [Fact]
    public Task A_row_without_an_answer_is_named_with_its_line()
    {
        File.WriteAllText(_folder.File("rows.jsonl"), "{\"question\": \"a\", \"answer\": \"b\"}\n{\"question\": \"c\"}\n");
        return FailsWith("line 2", "train", "--data", _folder.File("rows.jsonl"), "--out", _folder.File("out"), "--run", _folder.File("run"));
    }

    [Fact]
    public Task Overlapping_forget_and_retain_rows_are_refused()
    {
        File.WriteAllText(_folder.File("rows.jsonl"), "{\"question\": \"a\", \"answer\": \"b\"}\n");
        var rows = _folder.File("rows.jsonl");
        return FailsWith("in both", "forget", "npo-rt", "--model", _folder.Path, "--forget", rows, "--retain", rows, "--out", _folder.File("out"));
    }

    [Fact]
    public Task An_empty_forget_set_is_refused()
    {
        File.WriteAllText(_folder.File("rows.jsonl"), "");
        return FailsWith("no row", "forget", "ga", "--model", _folder.Path, "--forget", _folder.File("rows.jsonl"), "--out", _folder.File("out"));
    }

    [Fact]
    public Task An_unknown_model_type_is_named()
    {
        File.WriteAllText(_folder.File("config.json"), "{\"model_type\": \"abacus\"}");
        var tokenizer = BpeTrainer.Train(["some text"], new());
        tokenizer.Save(_folder.Path);
        return FailsWith("abacus", "generate", "--model", _folder.Path, "--prompt", "x");
    }

    private static async Task FailsWith(string part, params string[] arguments)
    {
        var (code, _, error) = await PalimpsestProcess.RunAsync(arguments);
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains(part, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }
}
