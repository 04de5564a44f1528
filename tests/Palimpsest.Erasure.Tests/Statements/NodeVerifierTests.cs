using System.ComponentModel;
using System.Diagnostics;
using Palimpsest.TestKit;

namespace Palimpsest.Erasure.Tests;

/// <summary>The verifier of the documentation, in another language and without this library.</summary>
public sealed class NodeVerifierTests : IDisposable
{
    private static readonly string Script = Path.Combine(GoldenFolder.Repository, "docs", "verify-certificate.mjs");

    private readonly SignedExample _example = new();

    public void Dispose() => _example.Dispose();

    [Fact]
    public void It_has_at_most_sixty_lines() => Assert.InRange(File.ReadAllLines(Script).Length, 20, 60);

    [Fact]
    public async Task It_agrees_that_a_certificate_holds()
    {
        await ExpectAsync(0, "holds: suppressed, self-signed");
        await ExpectAsync(
            0,
            "holds: suppressed, signed by the key that was given",
            "--key",
            _example.PublicKey,
            "model-after=" + _example.File("model"),
            "forget=" + _example.File("forget.jsonl")
        );
    }

    [Fact]
    public async Task It_agrees_that_what_was_changed_does_not_hold()
    {
        using var other = SigningKey.Create();
        other.Write(_example.File("other.pem"), _example.File("other.pub.pem"));
        await ExpectAsync(1, "signed by another key", "--key", _example.File("other.pub.pem"));
        await ExpectAsync(1, "signed as 'forget'", "forget=" + _example.File("key.pem"));
        var bytes = File.ReadAllBytes(_example.Path);
        foreach (var i in new[] { 0, 20, bytes.Length / 3, bytes.Length / 2, bytes.Length - 30, bytes.Length - 1 })
        {
            var changed = bytes.ToArray();
            changed[i] ^= 1;
            File.WriteAllBytes(_example.Path, changed);
            await ExpectAsync(1, "does not hold");
        }

        File.WriteAllBytes(_example.Path, bytes);
        File.AppendAllText(_example.File("audit", "report.json"), " ");
        await ExpectAsync(1, "signed as 'report.json'");
    }

    private async Task ExpectAsync(int code, string words, params string[] arguments)
    {
        var start = new ProcessStartInfo("node", [Script, _example.Path, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var node = Process.Start(start)!;
            var (output, error) = (node.StandardOutput.ReadToEndAsync(), node.StandardError.ReadToEndAsync());
            await node.WaitForExitAsync();
            Assert.True(code == node.ExitCode, $"{node.ExitCode}: {await output}{await error}");
            Assert.Contains(words, await output, StringComparison.Ordinal);
        }
        catch (Win32Exception)
        {
            Assert.Skip("node is not on this machine");
        }
    }
}
