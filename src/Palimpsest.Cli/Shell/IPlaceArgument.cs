namespace Palimpsest.Cli;

/// <summary>Marks arguments that name places.</summary>
internal interface IPlaceArgument;
