using System.CommandLine;
using Palimpsest.Erasure;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest key</c>: a key that signs certificates.</summary>
internal sealed class KeyVerb : Verb
{
    private readonly OutputOption _out = CommonOptions.Out(
        "The private key's file, which must not be there; the public key goes beside it, with .pub.pem at its end.",
        OutputKind.File
    );

    public KeyVerb()
        : base("key", "Make a key that signs certificates: ECDSA on P-256, PEM.", "key --out audit-key.pem") =>
        this.With(_out);

    protected override Task<int> RunAsync(Session session, ParseResult parsed, CancellationToken cancellationToken)
    {
        var path = parsed.GetValue(_out)!;
        var publicPath = Path.ChangeExtension(path, ".pub.pem");
        using var key = SigningKey.Create();
        key.Write(path, publicPath);
        session.Result(
            new
            {
                PrivateKey = path,
                PublicKey = publicPath,
                KeyId = key.Public.Id,
            },
            console =>
            {
                console.WriteLine($"{path}: the private key; whoever has it signs as you. Sign with --sign-key.");
                console.WriteLine($"{publicPath}: the public key; give it to those who verify.");
                console.WriteLine($"Key id: {key.Public.Id}");
            }
        );
        return Task.FromResult(ExitCode.Done);
    }
}
