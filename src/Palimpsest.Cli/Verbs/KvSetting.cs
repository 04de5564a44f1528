namespace Palimpsest.Cli.Verbs;

/// <summary>A setting of a policy for caches.</summary>
/// <param name="Name">As typed.</param>
/// <param name="Default">Its value when left out.</param>
/// <param name="Meaning">What it is.</param>
internal sealed record KvSetting(string Name, string Default, string Meaning);
