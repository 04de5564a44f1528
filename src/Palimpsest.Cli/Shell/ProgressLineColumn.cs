using Spectre.Console;
using Spectre.Console.Rendering;

namespace Palimpsest.Cli;

/// <summary>Draws the whole line of a task at the terminal's width.</summary>
/// <param name="line">The line as it is now.</param>
internal sealed class ProgressLineColumn(Func<ProgressLine> line) : ProgressColumn
{
    /// <inheritdoc/>
    protected override bool NoWrap => true;

    /// <inheritdoc/>
    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
        line().Render(options.ConsoleSize.Width);
}
