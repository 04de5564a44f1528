using System.CommandLine;

namespace Palimpsest.Cli.Verbs;

/// <summary>Every verb, in the order in which help lists them.</summary>
public static class VerbList
{
    /// <summary>Makes the commands.</summary>
    public static IReadOnlyList<Func<Command>> All { get; } =
    [
        DemoVerb.Create,
        TrainVerb.Create,
        GenerateVerb.Create,
        ChatVerb.Create,
        ForgetVerb.Create,
        AuditVerb.Create,
        EvaluateVerb.Create,
        AttackVerb.Create,
        DataVerb.Create,
        ModelVerb.Create,
        CompressVerb.Create,
        SystemsVerb.Create,
        ReproduceVerb.Create,
    ];
}
