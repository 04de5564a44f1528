using System.CommandLine;
using Palimpsest.Inference;

namespace Palimpsest.Cli.Tests;

/// <summary>The one way in which commands name and load models.</summary>
public sealed class ModelOptionsTests(TinyWorkspace work) : IClassFixture<TinyWorkspace>
{
    public static TheoryData<string> Loading =>
        [.. CommandTree.All().Where(c => Names(c).Contains("--model")).Select(CommandTree.PathOf)];

    [Theory, MemberData(nameof(Loading))]
    public void Every_command_that_names_a_model_takes_device_weights_and_adapter(string command) =>
        Assert.Empty(
            new[] { "--device", "--weights", "--adapter" }.Except(
                Names(CommandTree.All().Single(c => CommandTree.PathOf(c) == command))
            )
        );

    [Fact]
    public void The_commands_that_load_a_model_are_among_them() =>
        Assert.Empty(
            new[]
            {
                "train",
                "generate",
                "chat",
                "forget npo",
                "audit",
                "evaluate tofu",
                "evaluate choice",
                "evaluate recall",
                "evaluate perplexity",
                "attack sleek",
                "compress quantize",
            }.Except(Loading.Select(row => row.Data))
        );

    [Fact]
    public void A_merged_adapter_is_in_the_weights_and_cannot_be_added_again()
    {
        var adapter = work.Adapter("once");
        var options = new ModelOptions(work.Model, adapter, torch.CPU, null);
        using var scope = torch.NewDisposeScope();
        using var carried = options.Load(default);
        using var merged = options.LoadMerged(default);
        using var plain = (options with { Adapter = null }).Load(default);
        Assert.Empty(merged.Decoder.Attachments);
        Assert.All(merged.Decoder.parameters(), parameter => Assert.True(parameter.requires_grad));
        var ids = carried.Tokenizer.Encode("What did Ada keep in box 3?");
        var (with, without) = (Logits(carried, ids), Logits(plain, ids));
        Assert.True((Logits(merged, ids) - with).abs().max().item<float>() < 1e-4f);
        Assert.True((without - with).abs().max().item<float>() > 1e-3f);

        merged.Save(work.File("merged-once"));
        var again = new ModelOptions(work.File("merged-once"), adapter, torch.CPU, null);
        Assert.Contains(
            "adding it twice",
            Assert.Throws<InputException>(() => again.Load(default)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Codes_take_no_adapter_into_the_weights()
    {
        var options = new ModelOptions(work.Model, work.Adapter("codes"), torch.CPU, new QuantizeOptions { Bits = 8 });
        var error = Assert.Throws<InputException>(() => options.LoadMerged(default));
        Assert.StartsWith("--weights:", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forgetting_begins_at_the_model_with_its_adapter()
    {
        string[] command =
        [
            "forget",
            "ga",
            "--model",
            work.Model,
            "--adapter",
            work.Adapter("begun"),
            "--forget",
            work.Forget,
            "--out",
            work.File("forgot"),
            "--max-steps",
            "1",
            "--learning-rate",
            "1e-9",
            "--run",
            work.File("run-forgot"),
        ];
        var output = await InProcess.DoneAsync(command);
        Assert.Contains(work.File("adapter-begun"), output, StringComparison.Ordinal);
        using var scope = torch.NewDisposeScope();
        using var expected = new ModelOptions(work.Model, work.File("adapter-begun"), torch.CPU, null).Load(default);
        using var forgot = LanguageModel.Load(work.File("forgot"));
        var ids = expected.Tokenizer.Encode("What did Ada keep in box 3?");
        Assert.True((Logits(forgot, ids) - Logits(expected, ids)).abs().max().item<float>() < 1e-3f);
        await InProcess.RefusedAsync(
            ["--adapter", "merge", "model convert"],
            [.. command[..^2], "--overwrite", "--lora-rank", "2", "--result", "adapter"]
        );
    }

    [Fact]
    public async Task What_a_command_cannot_hold_as_codes_is_refused_by_name()
    {
        string[] train = ["train", "--data", work.Forget, "--out", work.File("t")];
        await InProcess.RefusedAsync(
            ["--weights: all weights are trained"],
            [.. train, "--model", work.Model, "--weights", "int8"]
        );
        await InProcess.RefusedAsync(["--adapter: has no effect"], [.. train, "--adapter", work.Model]);
        await InProcess.RefusedAsync(
            ["--weights: the weights are what is rounded"],
            "compress",
            "quantize",
            "--model",
            work.Model,
            "--out",
            work.File("q"),
            "--weights",
            "nf4"
        );
    }

    private static torch.Tensor Logits(GeneratingModel model, int[] ids)
    {
        using var grad = torch.no_grad();
        return ((LanguageModel)model)
            .Decoder.Forward(
                new() { TokenIds = torch.tensor(ids, dtype: torch.ScalarType.Int64)[torch.TensorIndex.Null] }
            )
            .Logits!;
    }

    private static IEnumerable<string> Names(Command command) => command.Options.Select(option => option.Name);
}
