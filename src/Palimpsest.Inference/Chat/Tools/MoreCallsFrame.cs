namespace Palimpsest.Inference;

/// <summary>The end of an answer of calls, or one call more.</summary>
/// <param name="Grammar">The calls.</param>
internal sealed record MoreCallsFrame(ToolCallGrammar Grammar) : Frame
{
    /// <inheritdoc/>
    public override bool CanEnd => true;

    /// <inheritdoc/>
    public override int Shortest => 0;

    /// <inheritdoc/>
    public override void Step(byte value, Cursor? below, ThreadList into) => After(value, Grammar.Marked(), into);
}
