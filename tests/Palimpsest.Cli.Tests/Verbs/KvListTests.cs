using System.Text.Json;
using Palimpsest.Inference;

namespace Palimpsest.Cli.Tests;

public sealed class KvListTests
{
    [Fact]
    public async Task Every_policy_and_every_setting_is_explained_and_can_be_typed()
    {
        using var json = JsonDocument.Parse(await InProcess.DoneAsync(["kv", "list", "--json"]));
        var lines = json.RootElement.EnumerateArray().ToArray();
        Assert.Equal(KvPolicies.All.Select(entry => entry.Id), lines.Select(line => Text(line, "id")));
        Assert.All(
            lines,
            line =>
            {
                Assert.NotEmpty(Text(line, "summary"));
                foreach (var setting in line.GetProperty("settings").EnumerateArray())
                {
                    Assert.NotEmpty(Text(setting, "meaning"));
                    if (Text(setting, "default") is not "none" and var value)
                        KvPolicyExpression.Parse($"{Text(line, "id")}({Text(setting, "name")}={value})");
                }
            }
        );

        static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
    }

    [Fact]
    public async Task One_policy_is_explained_alone_and_an_unknown_one_gets_the_nearest()
    {
        var one = await InProcess.DoneAsync(["kv", "list", "snapkv"]);
        Assert.Contains("window", one, StringComparison.Ordinal);
        Assert.DoesNotContain("streaming-llm", one, StringComparison.Ordinal);
        var (exitCode, _, error) = await InProcess.RunAsync(["kv", "list", "snapkw"]);
        Assert.Equal(ExitCode.BadInput, exitCode);
        Assert.Contains("did you mean snapkv?", error, StringComparison.Ordinal);
    }
}
