namespace Palimpsest.Inference;

/// <summary>Any text, in which a mark begins a call.</summary>
/// <param name="Grammar">The calls.</param>
/// <param name="Matched">Bytes of the mark that have just come.</param>
/// <param name="HasBegun">Whether the answer has a character that is not white.</param>
internal sealed record FreeTextFrame(ToolCallGrammar Grammar, int Matched, bool HasBegun) : Frame
{
    /// <inheritdoc/>
    public override bool CanEnd => true;

    /// <inheritdoc/>
    public override int Shortest => 0;

    /// <inheritdoc/>
    public override void Step(byte value, Cursor? below, ThreadList into)
    {
        if (value == (byte)'{' && !HasBegun && Grammar.BeginsWithBrace)
            return;
        var matched = Match((char)value);
        if (matched == Grammar.Open.Length)
            into.Add(Grammar.WithinText());
        else
            into.Add(new(new FreeTextFrame(Grammar, matched, HasBegun || !char.IsWhiteSpace((char)value)), below));
    }

    /// <summary>The longest beginning of the mark that the text ends with.</summary>
    private int Match(char next)
    {
        var mark = Grammar.Open;
        for (var length = Matched + 1; length > 0; length--)
        {
            var kept = length - 1;
            if (mark[kept] == next && mark.AsSpan(Matched - kept, kept).SequenceEqual(mark.AsSpan(0, kept)))
                return length;
        }

        return 0;
    }
}
