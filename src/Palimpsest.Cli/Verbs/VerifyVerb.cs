using System.CommandLine;
using Palimpsest.Erasure;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest verify CERTIFICATE [PLACES]</c>: whether a certificate holds, offline.</summary>
internal sealed class VerifyVerb : Verb
{
    private readonly PlaceArgument<string> _certificate = new("certificate")
    {
        Description = "A certificate.json. Files beside it that it names are compared, too.",
    };
    private readonly Argument<string[]> _places = new("places")
    {
        Description =
            "Models, adapters and data to compare: a path, or NAME=PATH for one of the certificate's subjects, for "
            + "example model-after=runs/forgot.",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly Option<string[]> _keys = new("--key")
    {
        Description =
            "A public key (PEM) that has to have signed; may be repeated. Without one the certificate's own key "
            + "counts, which does not show who signed.",
        HelpName = "file",
    };

    public VerifyVerb()
        : base(
            "verify",
            "Check a certificate offline: its signature, and that models, data and reports are those that it is about. "
                + "Exit code 1 when something differs.",
            "verify runs/audit/certificate.json --key audit-key.pub.pem model-after=runs/forgot"
        )
    {
        Add(_certificate);
        Add(_places);
        this.With(_keys);
    }

    protected override Task<int> RunAsync(Session session, ParseResult parsed, CancellationToken cancellationToken)
    {
        var keys = new List<VerificationKey>();
        try
        {
            foreach (var file in parsed.GetValue(_keys) ?? [])
                keys.Add(VerificationKey.Read(file));
            if (keys.GroupBy(key => key.Id).FirstOrDefault(same => same.Count() > 1) is { } twice)
                throw new InputException($"{_keys.Name}: the key {twice.Key} is given twice.");
            var check = CertificateVerifier.Check(parsed.GetValue(_certificate)!, keys, parsed.GetValue(_places) ?? []);
            session.Result(check, console => Draw(console, check));
            return Task.FromResult(check.Holds ? ExitCode.Done : ExitCode.Failed);
        }
        finally
        {
            foreach (var key in keys)
                key.Dispose();
        }
    }

    private static void Draw(IAnsiConsole console, CertificateCheck check)
    {
        console.WriteLine(check.Reason);
        if (check.KeyId is null)
            return;
        var table = new Table().Border(TableBorder.Simple).AddColumns("Subject", "Compared with", "SHA-256");
        foreach (var subject in check.Subjects)
        {
            var found = subject.Status switch
            {
                SubjectStatus.Matches => $"{subject.Path}: the same",
                SubjectStatus.Differs => $"{subject.Path}: DIFFERS",
                _ => "nothing: not given",
            };
            table.AddRow(Markup.Escape(subject.Name), Markup.Escape(found), subject.Sha256[..16] + "…");
        }

        console.WriteTable(table);
        if (check.Predicate?.TryGetProperty("label", out var label) == true)
            console.WriteLine($"It says: {label.GetString()}.");
        console.WriteLine("It does not prove:");
        foreach (var text in check.NotProven)
            console.WriteLine($"  {text}");
        console.WriteLine($"Key: {check.KeyId}{(check.KeyWasGiven ? "" : " (the certificate's own)")}");
    }
}
