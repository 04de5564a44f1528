using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

public sealed class JsonSchemaOptionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public JsonSchemaOptionTests()
    {
        using var model = new CausalLM(DecoderConfig.TinyLlama(300, 16, 2, 2, 1, 24), 3);
        ModelFolder.Save(model, _folder.File("model"));
        BpeTrainer.Train(["some text"], new() { VocabularySize = 270 }).Save(_folder.File("model"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_answer_is_of_the_schema()
    {
        File.WriteAllText(_folder.File("schema.json"), """{"enum": ["yes", "no"]}""");
        var (code, output, error) = await RunAsync();
        Assert.True(code == ExitCode.Done, error);
        Assert.Contains(output.Trim(), new[] { "\"yes\"", "\"no\"" });
    }

    [Theory]
    [InlineData("""{"type": "string", "pattern": "a"}""", "schema.json: #: 'pattern' is not supported")]
    [InlineData("{", "is not JSON")]
    [InlineData(null, "schema.json")]
    public async Task A_schema_that_cannot_be_held_is_one_line(string? schema, string part)
    {
        if (schema is not null)
            File.WriteAllText(_folder.File("schema.json"), schema);
        var (code, _, error) = await RunAsync();
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains(part, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    private Task<(int Code, string Output, string Error)> RunAsync() =>
        InProcess.RunAsync(
            "generate",
            "--model",
            _folder.File("model"),
            "--prompt",
            "some",
            "--json-schema",
            _folder.File("schema.json")
        );
}
