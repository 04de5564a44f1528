using System.Text.Json;
using System.Text.Json.Nodes;
using Palimpsest.Erasure;
using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

public sealed class VerifyVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_key_is_made_signs_and_is_verified()
    {
        var made = JsonDocument.Parse(await InProcess.DoneAsync("key", "--out", _folder.File("a.pem"), "--json"));
        var id = made.RootElement.GetProperty("key_id").GetString();
        Write("a", "a.pem");
        var verify = new[] { "verify", _folder.File("a", "certificate.json"), "--key", _folder.File("a.pub.pem") };
        var check = JsonDocument.Parse(await InProcess.DoneAsync([.. verify, "--json"])).RootElement;
        Assert.True(check.GetProperty("holds").GetBoolean());
        Assert.Equal(id, check.GetProperty("key_id").GetString());
        Assert.Equal("matches", check.GetProperty("subjects")[0].GetProperty("status").GetString());
        var shown = await InProcess.DoneAsync(verify);
        foreach (
            var words in new[] { "holds; signed by the key that was given", "It says: suppressed.", "when it was" }
        )
            Assert.Contains(words, shown, StringComparison.Ordinal);
        await InProcess.RefusedAsync(["a.p", "never overwritten"], "key", "--out", _folder.File("a.pem"));
        await InProcess.RefusedAsync(["given twice"], [.. verify, "--key", _folder.File("a.pub.pem")]);
        await InProcess.RefusedAsync(["a public key"], [.. verify[..3], _folder.File("a.pem")]);
        await InProcess.RefusedAsync(["does not exist"], [.. verify[..3], _folder.File("none.pem")]);
        await InProcess.RefusedAsync(["does not exist"], "verify", _folder.File("none.json"));
    }

    [Fact]
    public async Task What_differs_is_said_in_one_line_with_exit_code_1()
    {
        await InProcess.DoneAsync("key", "--out", _folder.File("b.pem"));
        Write("b", "b.pem");
        File.AppendAllText(_folder.File("b", "report.json"), " ");
        var (code, output, error) = await InProcess.RunAsync("verify", _folder.File("b", "certificate.json"), "--json");
        Assert.Equal(ExitCode.Failed, code);
        Assert.Equal("", error);
        var check = JsonDocument.Parse(output).RootElement;
        Assert.False(check.GetProperty("holds").GetBoolean());
        Assert.Contains("signed as 'report.json'", check.GetProperty("reason").GetString(), StringComparison.Ordinal);
        (code, output, _) = await InProcess.RunAsync("verify", _folder.File("b", "certificate.json"));
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("DIFFERS", output, StringComparison.Ordinal);

        File.WriteAllText(_folder.File("old.json"), """{"schema_version": 3, "hashes": {"model": "00"}}""");
        (code, output, _) = await InProcess.RunAsync("verify", _folder.File("old.json"));
        Assert.Equal(ExitCode.Failed, code);
        Assert.Single(output.TrimEnd().Split('\n'));
        Assert.Contains("did not sign", output, StringComparison.Ordinal);
    }

    private void Write(string name, string key)
    {
        Directory.CreateDirectory(_folder.File(name));
        File.WriteAllText(_folder.File(name, "report.json"), "{}");
        using var signer = SigningKey.Read(_folder.File(key));
        var subject = new StatementSubject("report.json", ContentHash.OfFile(_folder.File(name, "report.json")));
        var predicate = new JsonObject { ["label"] = "suppressed" };
        var bytes = Certificate.Create(Certificate.AuditPredicate, [subject], predicate, [], signer);
        File.WriteAllBytes(_folder.File(name, "certificate.json"), bytes);
    }
}
