namespace Palimpsest.Models;

/// <summary>config.json.</summary>
public sealed class ConfigReader;
