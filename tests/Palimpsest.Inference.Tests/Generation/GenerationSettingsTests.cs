using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class GenerationSettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("{\"eos_token_id\": 7}", new[] { 7 })]
    [InlineData("{\"eos_token_id\": [7, 9]}", new[] { 7, 9 })]
    [InlineData("{\"eos_token_id\": null}", new[] { 3 })]
    [InlineData("{}", new[] { 3 })]
    [InlineData("{\"eos_token_id\": -1}", new[] { 3 })]
    public void End_tokens_are_the_files_and_else_the_configs(string json, int[] expected)
    {
        File.WriteAllText(_folder.File("generation_config.json"), json);
        Assert.Equal(expected, GenerationSettings.Read(_folder.Path, [3]).EndTokens);
    }

    [Theory]
    [InlineData("", "not a generation configuration")]
    [InlineData("[]", "not an object")]
    [InlineData("{\"eos_token_id\":", "not a generation configuration")]
    [InlineData("{\"eos_token_id\": \"seven\\n\"}", "eos_token_id", "seven")]
    [InlineData("{\"eos_token_id\": [1, \"two\"]}", "eos_token_id", "two")]
    [InlineData("{\"eos_token_id\": -2}", "eos_token_id", "-2")]
    [InlineData("{\"eos_token_id\": 1.5}", "eos_token_id", "1.5")]
    [InlineData("{\"eos_token_id\": 99999999999}", "eos_token_id", "99999999999")]
    [InlineData("{\"eos_token_id\": {}}", "eos_token_id")]
    public void A_file_that_makes_no_sense_is_refused_in_one_line(string json, params string[] words)
    {
        File.WriteAllText(_folder.File("generation_config.json"), json);
        Refusal.Of(() => GenerationSettings.Read(_folder.Path, []), ["generation_config.json", .. words]);
    }

    [Fact]
    public void A_file_of_gigabytes_is_not_read()
    {
        using (var stream = File.Create(_folder.File("generation_config.json")))
            stream.SetLength(3L << 30);
        Refusal.Of(() => GenerationSettings.Read(_folder.Path, []), "generation_config.json", "at most");
    }
}
