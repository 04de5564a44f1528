using System.CommandLine;

namespace Palimpsest.Cli.Verbs;

/// <summary>Every verb, in the order in which help lists them.</summary>
public static class VerbList
{
    /// <summary>Makes the commands.</summary>
    public static IReadOnlyList<Func<Command>> All { get; } =
    [
        () => new DemoVerb(),
        () => new TrainVerb(),
        () => new GenerateVerb(),
        () => new ChatVerb(),
        ForgetVerb.Create,
        () => new AuditVerb(),
        () => new VerifyVerb(),
        () => new KeyVerb(),
        EvaluateVerb.Create,
        AttackVerb.Create,
        DataVerb.Create,
        ModelVerb.Create,
        CompressVerb.Create,
        KvListVerb.Create,
        SystemsVerb.Create,
        ReproduceVerb.Create,
    ];
}
