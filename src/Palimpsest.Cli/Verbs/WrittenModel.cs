using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Palimpsest.Cli.Verbs;

/// <summary>The line that tells of a model folder that was just written.</summary>
internal static class WrittenModel
{
    public static IRenderable Line(ModelInfo info) =>
        new Text(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{info.Parameters:n0} parameters as {string.Join(" and ", info.Types.Select(t => t.Type))}, "
                    + $"{info.Shards.Count} file(s) of {ByteSize.Format(info.Shards.Sum(s => s.Bytes))}; the model is "
                    + $"in {info.Folder}.\n"
            )
        );
}
