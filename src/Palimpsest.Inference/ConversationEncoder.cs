namespace Palimpsest.Inference;

/// <summary>Conversations and answers as token ids.</summary>
public static class ConversationEncoder
{
    /// <summary>The ids of a conversation.</summary>
    /// <param name="tokenizer">Its chat template writes the turns; without one they are lines.</param>
    /// <param name="turns">Oldest first.</param>
    /// <param name="addGenerationPrompt">Whether what makes a model answer stands at the end.</param>
    public static int[] Encode(Tokenizer tokenizer, IReadOnlyList<Turn> turns, bool addGenerationPrompt)
    {
        ArgumentNullException.ThrowIfNull(turns);
        return tokenizer.Encode(Text(tokenizer, turns, addGenerationPrompt), tokenizer.ChatTemplate is null);
    }

    /// <summary>A question with its answer, the answer and one end token labelled.</summary>
    /// <param name="tokenizer">Its chat template writes the turns; without one they are lines.</param>
    /// <param name="positions">Most ids that the model takes.</param>
    /// <param name="question">What is asked.</param>
    /// <param name="answer">What is answered.</param>
    /// <param name="row">Its row in the data.</param>
    /// <param name="secrets">Parts of the answer whose tokens get the tag 1; null leaves all tokens without
    /// tags.</param>
    /// <exception cref="InputException">The conversation is longer than the model's positions, or a template changes an
    /// answer with secrets.</exception>
    public static TokenSequence EncodeAnswer(
        Tokenizer tokenizer,
        int positions,
        string question,
        string answer,
        int row,
        IReadOnlyList<TextPart>? secrets = null
    )
    {
        var asked = Text(tokenizer, [Turn.User(question)], addGenerationPrompt: true);
        var answered = Text(tokenizer, [Turn.User(question), Turn.Assistant(answer)], addGenerationPrompt: false);
        var ids = tokenizer.Encode(answered, tokenizer.ChatTemplate is null);
        var start = AnswerStart(tokenizer, asked, answered, answer, ids);
        if (tokenizer.EosId is { } eos)
            ids = EndedBy(tokenizer, eos, ids, start);
        if (ids.Length > positions)
        {
            var shown = question.Length > 60 ? question[..60] + "…" : question;
            throw new InputException(
                $"'{shown.ReplaceLineEndings(" ")}' and its answer are {ids.Length} tokens; the model has {positions} "
                    + $"positions."
            );
        }

        if (secrets is not { Count: > 0 })
            return new(ids, start, row);
        var spans = tokenizer.EncodeWithOffsets(answered, tokenizer.ChatTemplate is null);
        var tags = Tags(spans, InText(answered, Seam(asked, answered, answer), answer, secrets));
        Array.Resize(ref tags, ids.Length);
        return new(ids, start, row) { Tags = tags };
    }

    private static TextPart[] InText(string text, int seam, string answer, IReadOnlyList<TextPart> parts)
    {
        var at = text.IndexOf(answer, seam, StringComparison.Ordinal);
        if (at < 0)
            throw new InputException(
                $"{JsonField.Shown(answer)}: the chat template changes the answer, so that its secrets cannot be found."
            );
        var first = Runes(text.AsSpan(0, at));
        return [.. parts.Select(part => new TextPart(first + part.Start, first + part.End))];
    }

    /// <summary>1 for tokens that overlap or touch a secret, whose neighbours would give it away; tokens that stand for
    /// no text have 0.</summary>
    /// <param name="spans">Tokens with their parts of the text.</param>
    /// <param name="secrets">Parts of the same text.</param>
    internal static int[] Tags(IReadOnlyList<TokenSpan> spans, IReadOnlyList<TextPart> secrets) =>
        [
            .. spans.Select(span =>
                span.End > span.Start && secrets.Any(secret => span.Start <= secret.End && span.End >= secret.Start)
                    ? 1
                    : 0
            ),
        ];

    private static string Text(Tokenizer tokenizer, IReadOnlyList<Turn> turns, bool addGenerationPrompt)
    {
        if (tokenizer.ChatTemplate is { } template)
            return template.Render(turns, addGenerationPrompt);
        var text = string.Join('\n', turns.Select(turn => turn.Content));
        return addGenerationPrompt ? text + '\n' : text;
    }

    /// <summary>The first token that holds text from where the two conversations part.</summary>
    private static int AnswerStart(Tokenizer tokenizer, string asked, string answered, string answer, int[] ids)
    {
        var addsTokens = tokenizer.ChatTemplate is null;
        if (answered.StartsWith(asked, StringComparison.Ordinal))
        {
            var prompt = tokenizer.Encode(asked, addsTokens);
            if (ids.AsSpan().StartsWith(prompt))
                return prompt.Length;
        }

        var seam = Runes(answered.AsSpan(0, Seam(asked, answered, answer)));
        var spans = tokenizer.EncodeWithOffsets(answered, addsTokens);
        // Tokens that are not of the text have the span 0 to 0; those before the answer are part of the prompt.
        var start = 0;
        for (var i = 0; i < spans.Count; i++)
        {
            if (spans[i].End > seam)
                return i;
            if (spans[i].End > spans[i].Start)
                start = i + 1;
        }

        return start;
    }

    private static int Seam(string asked, string answered, string answer)
    {
        var common = asked.AsSpan().CommonPrefixLength(answered);
        if (common > 0 && common < answered.Length && char.IsLowSurrogate(answered[common]))
            common--;
        // A generation prompt such as "<think>" may begin like the answer itself, "<b>": the answer begins where it is.
        for (var shared = 0; shared < answer.Length && shared <= common; shared++)
        {
            if (answered.AsSpan(common - shared).StartsWith(answer))
                return common - shared;
        }

        return common;
    }

    private static int Runes(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes())
            count++;
        return count;
    }

    // ChatML ends a turn with the end token and a line break; what comes after the end token is nobody's answer.
    private static int[] EndedBy(Tokenizer tokenizer, int eos, int[] ids, int start)
    {
        var last = Array.LastIndexOf(ids, eos);
        return last >= start && string.IsNullOrWhiteSpace(tokenizer.Decode(ids.AsSpan(last + 1)))
            ? ids[..(last + 1)]
            : [.. ids, eos];
    }
}
