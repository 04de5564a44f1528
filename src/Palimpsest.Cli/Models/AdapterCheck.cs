using System.CommandLine;

namespace Palimpsest.Cli;

/// <summary>Whether an adapter belongs to the model that it is named beside.</summary>
internal static class AdapterCheck
{
    /// <summary>Refuses an adapter that is in the weights already; says when it was made for other weights.</summary>
    /// <exception cref="InputException">Its update would be added twice, or a record cannot be read.</exception>
    public static void Require(ParseResult parsed)
    {
        var inputs = CommandPlaces.Inputs(parsed);
        string[] adapters = [.. inputs.Where(place => place.Name == "--adapter").Select(place => place.Path)];
        var model =
            inputs.FirstOrDefault(place => place.Name == "--model")
            ?? inputs.FirstOrDefault(place => place.Symbol is IPlaceArgument);
        if (adapters.Length == 0 || model is null)
            return;
        if (adapters.All(adapter => File.Exists(Path.Combine(adapter, "adapter_model.safetensors"))))
            AdapterFingerprint.RequireNew(adapters, model.Path);
        foreach (var adapter in adapters)
        {
            if (
                ResultRecord.Read(adapter)?.Base is { } made
                && BaseRecord.Of(model.Path) is { } now
                && now.WeightsSha256 != made.WeightsSha256
            )
                parsed.InvocationConfiguration.Error.WriteLine(
                    $"palimpsest: note: --adapter {adapter} was made for the weights of {made.Path}; those of "
                        + $"{model.Path} are others."
                );
        }
    }
}
