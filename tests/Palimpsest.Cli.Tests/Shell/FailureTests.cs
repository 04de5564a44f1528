using System.CommandLine;
using System.Text.Json;

namespace Palimpsest.Cli.Tests;

/// <summary>What the program ends with when it ends without a result.</summary>
public sealed class FailureTests(TinyWorkspace work) : IClassFixture<TinyWorkspace>
{
    public static TheoryData<string, int> Codes =>
        new()
        {
            { nameof(InputException), ExitCode.BadInput },
            { nameof(IOException), ExitCode.BadInput },
            { nameof(UnauthorizedAccessException), ExitCode.BadInput },
            { nameof(InsufficientMemoryException), ExitCode.BadInput },
            { nameof(OperationCanceledException), ExitCode.Cancelled },
            { nameof(ArgumentException), ExitCode.Internal },
            { nameof(ArgumentOutOfRangeException), ExitCode.Internal },
            { nameof(InvalidOperationException), ExitCode.Internal },
            { nameof(KeyNotFoundException), ExitCode.Internal },
        };

    [Theory, MemberData(nameof(Codes))]
    public async Task Input_is_2_and_a_mistake_of_the_program_3(string error, int code)
    {
        var command = new Command("x");
        command.SetAction((_, _) => Task.FromException<int>(Error(error)));
        Assert.Equal(code, await Shell.RunAsync(["x"], Shell.RootOf([command]), (TextWriter.Null, TextWriter.Null)));
    }

    [Fact]
    public void An_internal_error_has_its_stack_beside_the_one_line()
    {
        var failure = Failure.Of(new ArgumentException("a\nb", "name"));
        Assert.StartsWith("internal error: ArgumentException: a b", failure.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(ArgumentException), failure.Detail, StringComparison.Ordinal);
        Assert.Null(Failure.Of(new InputException("x")).Detail);
    }

    [Theory]
    [InlineData("usage", "generate --json --modle M", "did you mean '--model'")]
    [InlineData("usage", "fogret --json", "did you mean 'forget'")]
    [InlineData("input", "generate --json --prompt x --model nowhere", "--model: nowhere: does not exist")]
    [InlineData("input", "generate --json --prompt x --model M --top-k -1", "--top-k: -1 is not allowed")]
    [InlineData("input", "chat --json --model M", "palimpsest generate --json")]
    public async Task Beside_json_an_error_is_an_object_on_standard_output(string kind, string line, string words)
    {
        var arguments = line.Split(' ').Select(word => word == "M" ? work.Model : word).ToArray();
        var (code, output, error) = await InProcess.RunAsync(arguments);
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains(words, Assert.Single(error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        using var json = JsonDocument.Parse(output);
        var told = json.RootElement.GetProperty("error");
        Assert.Equal(kind, told.GetProperty("kind").GetString());
        Assert.Equal(ExitCode.BadInput, told.GetProperty("exit_code").GetInt32());
        Assert.Contains(words, told.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, told.GetProperty("detail").ValueKind);
    }

    [Theory]
    [InlineData("generate --prompt x --model M --top-p 1.5", "--top-p: 1.5 is not allowed; it must be > 0 and <= 1.")]
    [InlineData("train --data F --out O --clip-norm -1", "--clip-norm: -1 is not allowed; it must be >")]
    [InlineData(
        "train --data F --out O --batch-size 0",
        "--batch-size: 0 is too small; allowed are whole numbers from 1."
    )]
    [InlineData(
        "demo --seed x",
        "--seed: 'x' is not a whole number; allowed are those from 0 to 18446744073709551615."
    )]
    [InlineData("generate --prompt x --model M --run=", "'--run=' is no option")]
    [InlineData("evaluate tofu --model M --data M --holdout=", "--holdout")]
    public async Task What_is_wrong_is_said_in_the_user_s_words(string line, string words)
    {
        var places = new Dictionary<string, string>
        {
            ["M"] = work.Model,
            ["F"] = work.Forget,
            ["O"] = work.File("out"),
        };
        var said = await InProcess.RefusedAsync(
            [words],
            [.. line.Split(' ').Select(word => places.GetValueOrDefault(word, word))]
        );
        Assert.DoesNotContain("Parameter", said, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", said, StringComparison.Ordinal);
    }

    private static Exception Error(string name) =>
        name switch
        {
            nameof(InputException) => new InputException("x"),
            nameof(IOException) => new IOException("x"),
            nameof(UnauthorizedAccessException) => new UnauthorizedAccessException("x"),
            nameof(InsufficientMemoryException) => new InsufficientMemoryException("x"),
            nameof(OperationCanceledException) => new OperationCanceledException("x"),
            nameof(ArgumentException) => new ArgumentException("x"),
            nameof(ArgumentOutOfRangeException) => new ArgumentOutOfRangeException(nameof(name)),
            nameof(KeyNotFoundException) => new KeyNotFoundException("x"),
            _ => new InvalidOperationException("x"),
        };
}
