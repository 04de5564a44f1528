using System.Reflection;
using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

/// <summary>Where taps and deltas may be: in libraries whose tests send all of theirs through the contract.</summary>
public sealed class ExtensionPointTests
{
    [Fact]
    public void Taps_and_deltas_are_where_contracts_run_over_them()
    {
        Assembly[] all =
        [
            .. Directory
                .GetFiles(AppContext.BaseDirectory, "Palimpsest.*.dll")
                .Where(file => !Path.GetFileName(file).Contains("Test", StringComparison.Ordinal))
                .Select(Assembly.LoadFrom),
        ];
        Assert.Contains(all, assembly => assembly.GetName().Name == "Palimpsest.Unlearning");
        IEnumerable<string?> Homes<T>() =>
            all.Where(assembly => ContractCoverage.Implementations<T>(assembly).Any())
                .Select(assembly => assembly.GetName().Name)
                .Order(StringComparer.Ordinal);
        Assert.Equal(
            ["Palimpsest.Evaluation", "Palimpsest.Inference", "Palimpsest.Models", "Palimpsest.Unlearning"],
            Homes<ITap>()
        );
        Assert.Equal(["Palimpsest.Models"], Homes<IProjectionDelta>());
        Assert.Equal(["Palimpsest.Models"], Homes<IModelAttachment>());
    }
}
