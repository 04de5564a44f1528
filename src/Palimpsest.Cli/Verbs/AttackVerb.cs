using System.CommandLine;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest attack ATTACK</c>.</summary>
internal static class AttackVerb
{
    public static Command Create() => new("attack", "Run one attack on a model.") { SleekVerb.Create() };
}
