using System.Text.Json;

namespace Palimpsest.Evaluation;

/// <summary>What an audit will do, written before anything is measured: tests, thresholds, probes, seeds and hashes.
/// <see cref="Auditor.Plan"/> makes it of a request.</summary>
/// <remarks>It holds questions on what is to be forgotten, so that it is as private as the data; its digest is
/// not.</remarks>
public sealed record AuditPlan
{
    /// <summary>The version of the fields.</summary>
    public const int CurrentSchema = 1;

    /// <summary>Grows when fields change their meaning.</summary>
    public int PlanVersion { get; init; } = CurrentSchema;

    /// <summary>The tests, in their order.</summary>
    public required IReadOnlyList<PlannedTest> Tests { get; init; }

    /// <summary>Thresholds of the verdict.</summary>
    public required VerdictOptions Thresholds { get; init; }

    /// <summary>What decides whether a reply states a fact.</summary>
    public required string Judge { get; init; }

    /// <summary>How probes are put.</summary>
    public required SleekOptions Asking { get; init; }

    /// <summary>The program's options, by name.</summary>
    public required IReadOnlyDictionary<string, string> Options { get; init; }

    /// <summary>Seeds, by use.</summary>
    public required IReadOnlyDictionary<string, ulong> Seeds { get; init; }

    /// <summary>SHA-256 of models and data, by name.</summary>
    public required IReadOnlyDictionary<string, string> Hashes { get; init; }

    /// <summary>SHA-256 of the facts and rows that are read.</summary>
    public required string DataHash { get; init; }

    /// <summary>Whether a model that never saw the facts is there.</summary>
    public required bool HasRetrained { get; init; }

    /// <summary>The program's version.</summary>
    public required string Palimpsest { get; init; }

    /// <summary>The probes, every one.</summary>
    public required IReadOnlyList<SleekProbe> Probes { get; init; }

    internal static AuditPlan Of(AuditContext context, IReadOnlyList<string?> notMade)
    {
        var (request, provenance) = (context.Request, context.Request.Provenance);
        var rows = request.Rows;
        var data = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                request.Facts,
                rows.Forget,
                rows.Retain,
                rows.Holdout,
                rows.RealAuthors,
                rows.WorldFacts,
            },
            ResultJson.Format
        );
        return new()
        {
            Tests =
            [
                .. request
                    .Tests.Zip(notMade)
                    .Select(test => new PlannedTest(
                        test.First.Name,
                        test.First.Axis,
                        test.First.Access,
                        test.First.Settings,
                        test.Second
                    )),
            ],
            Thresholds = request.Verdict,
            Judge = request.Judge.Name,
            Asking = request.Sleek,
            Options = provenance.Options,
            Seeds = provenance.Seeds,
            Hashes = provenance.Hashes,
            DataHash = ContentHash.OfBytes(data),
            HasRetrained = context.HasRetrained,
            Palimpsest = RunEnvironment.Describe()["palimpsest"],
            Probes = context.Probes,
        };
    }
}
