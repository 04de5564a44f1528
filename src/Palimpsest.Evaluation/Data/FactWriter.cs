namespace Palimpsest.Evaluation;

/// <summary>Has a language model read facts from sentences and rows, in the place of rules.</summary>
/// <remarks>A reply counts when its value stands in the text letter for letter and its question does not give it away;
/// what the model adds beyond that is left out.</remarks>
/// <param name="model">A model that follows instructions.</param>
/// <param name="wrongValues">How many wrong values to ask for, at least 1.</param>
public sealed class FactWriter(ITextModel model, int wrongValues = 5)
{
    /// <summary>Reads sets, each text in a request of its own.</summary>
    /// <param name="sets">For each set its texts.</param>
    /// <param name="progress">Counts the texts.</param>
    /// <param name="cancellationToken">Stops between requests.</param>
    /// <returns>As <see cref="KnowledgeReader.Read"/>.</returns>
    /// <exception cref="InputException">The model cannot be reached.</exception>
    public async Task<IReadOnlyList<ReadSet>> ReadAsync(
        IReadOnlyList<IReadOnlyList<SourceText>> sets,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(sets);
        SourceText[] all = [.. sets.SelectMany(texts => texts)];
        var replies = await new JsonReplies(model, "Reading facts")
            .AskAsync(
                [.. all.Select(Request)],
                (number, reply) => Fact(all[number], reply),
                progress,
                cancellationToken
            )
            .ConfigureAwait(false);
        var (read, start) = (new List<ReadSet>(), 0);
        foreach (var texts in sets)
        {
            var part = replies.Skip(start).Take(texts.Count).ToArray();
            start += texts.Count;
            read.Add(
                new(
                    [.. part.Select(reply => reply.Value)],
                    [
                        .. part.Zip(texts)
                            .Where(pair => pair.First.Value is null)
                            .Select(pair => new UnreadText(
                                pair.Second.Place,
                                pair.Second.Question ?? pair.Second.Text,
                                $"{model.Name} gave nothing usable: {pair.First.Problem.TrimEnd('.')}"
                            )),
                    ]
                )
            );
        }

        return read;
    }

    private string Request(SourceText text)
    {
        var given = text.Question is { } question ? $"Question: {question}\nAnswer: {text.Text}" : text.Text;
        return $$"""
            What fact does this text state?

            {{given}}

            Give a JSON object and nothing else:
            {"subject": "...", "relation": "...", "value": "...", "question": "...", "question_in_other_words": "...",
            "answer_in_other_words": "...", "wrong_values": ["..."]}
            subject is the full name of whom or what it is about. relation is a noun in lower case, for example
            birthplace. value is copied letter for letter from the text{{(text.Question is null ? "" : "'s answer")}}.
            question asks for the value, names the subject and does not contain the value. answer_in_other_words is a
            whole sentence that contains the value. wrong_values are {{wrongValues}} other values of the same kind and
            length that could be believed and are wrong.
            """;
    }

    private static ReadFact Fact(SourceText text, JsonField reply)
    {
        var (subject, relation, value) = (Text(reply, "subject"), Text(reply, "relation"), Text(reply, "value"));
        if (!text.Text.Contains(value, StringComparison.Ordinal))
            throw reply["value"].Error($"{JsonField.Shown(value)} does not stand in the text.");
        var question = text.Question ?? Text(reply, "question");
        if (Holds(question, value))
            throw reply["question"].Error($"{JsonField.Shown(question)} contains the value.");
        return ReadFact.FromRow(text with { Question = question }, subject, relation, value) with
        {
            OtherQuestion =
                Optional(reply, "question_in_other_words") is { } other && !Holds(other, value) ? other : null,
            Paraphrase =
                Optional(reply, "answer_in_other_words") is { } answer
                && answer.Contains(value, StringComparison.Ordinal)
                    ? answer.Replace(value, "{o}", StringComparison.Ordinal)
                    : null,
            WrongValues = reply["wrong_values"].IsNull
                ? []
                : [.. reply["wrong_values"].Elements().Select(e => e.AsString().Trim()).Where(e => e.Length > 0)],
        };
    }

    private static bool Holds(string text, string value) => text.Contains(value, StringComparison.OrdinalIgnoreCase);

    private static string Text(JsonField reply, string name) =>
        Optional(reply, name) ?? throw reply.Error($"'{name}' is missing or empty.");

    private static string? Optional(JsonField reply, string name) =>
        reply[name].AsString(null)?.Trim() is { Length: > 0 } text ? text : null;
}
