using System.Globalization;
using System.Runtime.InteropServices;

namespace Palimpsest.Models;

/// <summary>On what a measurement was made; a part of every result file.</summary>
public static class RunEnvironment
{
    /// <summary>Versions, platform and processors, by name.</summary>
    public static IReadOnlyDictionary<string, string> Describe() =>
        new Dictionary<string, string>
        {
            ["palimpsest"] = typeof(RunEnvironment).Assembly.GetName().Version!.ToString(3),
            ["runtime"] = RuntimeInformation.FrameworkDescription,
            ["platform"] = RuntimeInformation.RuntimeIdentifier,
            ["torchsharp"] = typeof(torch).Assembly.GetName().Version!.ToString(3),
            ["processors"] = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture),
        };
}
