using System.CommandLine;

namespace Palimpsest.Cli;

/// <summary>An argument that names models, adapters or other files and folders that are read.</summary>
/// <typeparam name="T">One text, or an array of texts.</typeparam>
internal sealed class PlaceArgument<T>(string name) : Argument<T>(name), IPlaceArgument;
