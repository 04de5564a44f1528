using Palimpsest.Evaluation;

namespace Palimpsest.Cli.Verbs;

/// <summary>Where an attack's probes came from.</summary>
/// <param name="Source"><c>file</c>, <c>templates</c> or the name of the model that wrote them.</param>
/// <param name="Count">Number of probes.</param>
/// <param name="Written">Facts for which a model wrote probes.</param>
/// <param name="Fallbacks">Facts for which a model was asked and templates stand in.</param>
/// <param name="Relabelled">Probes whose category the rule set right.</param>
/// <param name="Dropped">Written probes that gave their answer away or were there twice.</param>
/// <param name="Hash">SHA-256 of the probes.</param>
internal sealed record SleekProbes(
    string Source,
    int Count,
    int Written,
    int Fallbacks,
    int Relabelled,
    int Dropped,
    string Hash
)
{
    /// <summary>Reads the probes of a file that is there; otherwise writes them with a model or by templates, and into
    /// the file.</summary>
    public static async Task<SleekProbeSet> GetAsync(
        string? file,
        IReadOnlyList<Fact> facts,
        SleekOptions options,
        ITextModel? generator,
        IProgress<TaskProgress> progress,
        CancellationToken cancellationToken
    )
    {
        if (file is not null && File.Exists(file))
            return Of("file", ProbeFile.Read(file, facts), null);
        var writer = generator is null ? null : new ProbeWriter(generator, options);
        var probes = writer is null
            ? OfflineProbes.Generate(facts, options)
            : await writer.WriteAsync(facts, progress, cancellationToken).ConfigureAwait(false);
        if (file is not null)
            ProbeFile.Write(file, probes);
        return Of(generator?.Name ?? "templates", probes, writer);
    }

    /// <summary>The origin in one phrase.</summary>
    public string Describe() =>
        $"{Count} probes from {Source}"
        + (
            Written + Fallbacks == 0
                ? ""
                : $" ({Fallbacks} of {Written + Fallbacks} facts fell back on templates, {Relabelled} relabelled, "
                    + $"{Dropped} dropped)"
        );

    private static SleekProbeSet Of(string source, IReadOnlyList<SleekProbe> probes, ProbeWriter? writer) =>
        new(
            new(
                source,
                probes.Count,
                writer?.Written ?? 0,
                writer?.Fallbacks ?? 0,
                writer?.Relabelled ?? 0,
                writer?.Dropped ?? 0,
                Sleek.Hash(probes)
            ),
            probes
        );
}
