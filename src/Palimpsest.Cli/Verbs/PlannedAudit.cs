using System.CommandLine;
using Palimpsest.Evaluation;

namespace Palimpsest.Cli.Verbs;

/// <summary>The options with which an audit is planned, and held to its plan.</summary>
internal sealed class PlannedAudit
{
    /// <summary>Writes a plan.</summary>
    public const string Write = "--plan";

    /// <summary>Holds the audit to a plan.</summary>
    public const string Follow = "--by-plan";

    /// <summary>Marks what differs instead of refusing it.</summary>
    public const string Mark = "--mark-deviations";

    private readonly OutputOption _write = new(
        Write,
        "Writes what this audit will do (tests, thresholds, probes, seeds, hashes) to a file, and measures nothing.",
        OutputKind.File
    );
    private readonly Option<string?> _follow = CommonOptions.Optional(
        Follow,
        $"A file that {Write} wrote: an audit that differs from it is refused with exit code {ExitCode.Tampered}.",
        "file"
    );
    private readonly Option<bool> _mark = new(Mark)
    {
        Description =
            $"With {Follow}: make an audit that differs all the same, and mark it as tampered in report and "
            + "certificate.",
    };

    public PlannedAudit(Command command) => command.With(_write, _follow, _mark);

    /// <summary>Where the plan is written; null when the audit is made.</summary>
    /// <exception cref="InputException">Options do not go together, or the place is taken.</exception>
    public string? PlaceOf(ParseResult parsed)
    {
        if (parsed.GetValue(_mark) && parsed.GetValue(_follow) is null)
            throw new InputException($"{Mark} needs {Follow}.");
        if (parsed.GetValue(_write) is not { } place)
            return null;
        if (parsed.GetValue(_follow) is not null)
            throw new InputException($"{Write} writes a plan and {Follow} follows one; name one of the two.");
        return File.Exists(place)
            ? throw new InputException($"{Write}: {place} is there already; a plan is never overwritten.")
            : place;
    }

    /// <summary>The plan that is followed; null without one.</summary>
    /// <exception cref="InputException">The file is no plan.</exception>
    public WrittenPlan? Read(ParseResult parsed) =>
        parsed.GetValue(_follow) is { } file ? WrittenPlan.Read(file) : null;

    /// <summary>Refuses an audit that differs from its plan, unless it is to be marked.</summary>
    /// <exception cref="TamperedException">It differs; the message has the first difference.</exception>
    public void Require(ParseResult parsed, Auditor auditor, AuditRequest request)
    {
        if (request.Plan is not { } plan || parsed.GetValue(_mark))
            return;
        var differences = plan.DifferencesOf(auditor.Plan(request));
        if (differences.Count == 0)
            return;
        var others = differences.Count == 1 ? "" : $", and {differences.Count - 1} more";
        throw new TamperedException(
            $"{parsed.GetValue(_follow)}: the audit differs from its plan: {differences[0]}{others}; {Mark} makes it "
                + "all the same."
        );
    }

    /// <summary>The report with what was changed while the audit ran, which no check before it can see.</summary>
    public static AuditReport Closed(AuditReport report)
    {
        if (report.Plan is not { } plan)
            return report;
        var provenance = report.Provenance;
        var changed = provenance
            .Paths.Where(input => ContentHash.Of(input.Value) != provenance.Hashes[input.Key])
            .Select(input => $"{input.Key} was changed while it was audited");
        return report with { Plan = plan with { Deviations = [.. plan.Deviations, .. changed] } };
    }
}
