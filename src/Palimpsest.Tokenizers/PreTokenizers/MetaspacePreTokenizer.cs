namespace Palimpsest.Tokenizers;

/// <summary>Writes blanks as a visible mark and cuts before each mark.</summary>
internal sealed class MetaspacePreTokenizer(char mark, PrependScheme scheme, bool split) : IPreTokenizer
{
    /// <summary>The mark of a field, one character.</summary>
    public static char ReadMark(JsonField field) =>
        field["replacement"].AsString("▁") is { Length: 1 } mark
            ? mark[0]
            : throw field.Error("the replacement is not one character.");

    /// <summary>The scheme of a field, in its new or its old spelling.</summary>
    public static PrependScheme ReadScheme(JsonField field) =>
        field["prepend_scheme"].AsString(null) switch
        {
            null => field["add_prefix_space"].AsBoolean(true) ? PrependScheme.Always : PrependScheme.Never,
            "always" => PrependScheme.Always,
            "first" => PrependScheme.First,
            "never" => PrependScheme.Never,
            var other => throw field.Error($"prepend_scheme {JsonField.Shown(other)} is not always, first or never."),
        };

    /// <inheritdoc/>
    public void Apply(PieceText text)
    {
        text.Rewrite(
            (old, piece, writer) =>
            {
                var first = old.Text[piece.Start];
                var prepends =
                    scheme == PrependScheme.Always || (scheme == PrependScheme.First && old.IsAtStart(piece));
                if (prepends && first != mark && first != ' ')
                    writer.Write(mark, piece.Start);
                for (var i = piece.Start; i < piece.End; i++)
                    writer.Write(old.Text[i] == ' ' ? mark : old.Text[i], i);
            }
        );
        if (!split)
            return;
        var matches = new List<(int Start, int End)>();
        text.Split(
            (characters, piece, output) =>
            {
                matches.Clear();
                for (var i = piece.Start; i < piece.End; i++)
                {
                    if (characters[i] == mark)
                        matches.Add((i, i + 1));
                }

                PieceSplitter.Cut(piece, matches, invert: false, SplitBehavior.MergedWithNext, output);
            }
        );
    }
}
