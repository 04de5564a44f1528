using System.Text.Json;
using Palimpsest.Inference;

namespace Palimpsest.Cli.Chat;

/// <summary>The turns of a conversation: kept within the model's positions, saved and loaded.</summary>
internal sealed class Conversation
{
    private const long MostBytes = 64 << 20;

    private readonly List<Turn> _turns = [];

    /// <summary>The turns, instructions first.</summary>
    public IReadOnlyList<Turn> Turns => _turns;

    /// <summary>The instructions, or null; setting null or an empty text removes them.</summary>
    public string? System
    {
        get => _turns is [{ Role: "system" } first, ..] ? first.Content : null;
        set
        {
            if (System is not null)
                _turns.RemoveAt(0);
            if (!string.IsNullOrEmpty(value))
                _turns.Insert(0, new("system", value));
        }
    }

    /// <summary>Adds a turn.</summary>
    public void Add(Turn turn) => _turns.Add(turn);

    /// <summary>Forgets everything but the instructions.</summary>
    public void Reset() => _turns.RemoveAll(turn => turn.Role != "system");

    /// <summary>Takes back the last question with its answer, if there is one, and returns the question; null without
    /// any.</summary>
    public string? TakeBack()
    {
        var at = _turns.FindLastIndex(turn => turn.Role == "user");
        if (at < 0)
            return null;
        var question = _turns[at].Content;
        _turns.RemoveRange(at, _turns.Count - at);
        return question;
    }

    /// <summary>Drops the oldest exchanges until the rest, with room for an answer, fits the model.</summary>
    /// <param name="model">Counts tokens.</param>
    /// <param name="answerTokens">Tokens that the answer may need; at most half of the positions are kept free.</param>
    /// <returns>The number of dropped turns.</returns>
    /// <exception cref="InputException">The last question alone is too long.</exception>
    public int Fit(GeneratingModel model, int answerTokens)
    {
        var positions = model.MaxTokens;
        var most = positions - Math.Min(answerTokens, positions / 2);
        var dropped = 0;
        while (model.EncodeConversation(_turns, addGenerationPrompt: true).Length is var length && length > most)
        {
            var first = System is null ? 0 : 1;
            var next = _turns.FindIndex(first + 1, turn => turn.Role == "user");
            if (next < 0)
            {
                if (length < positions)
                    break;
                throw new InputException($"The question has {length} tokens; the model has {positions} positions.");
            }

            _turns.RemoveRange(first, next - first);
            dropped += next - first;
        }

        return dropped;
    }

    /// <summary>Whether a turn has a text, in capitals or not.</summary>
    public static bool Holds(Turn turn, string text) =>
        turn.Content.Contains(text, StringComparison.CurrentCultureIgnoreCase);

    /// <summary>Drops the exchanges that have a text, questions with their answers, and instructions that have
    /// it.</summary>
    /// <returns>Turns dropped, and turns left that came after the first of them.</returns>
    public (int Dropped, int Later) Forget(string text)
    {
        var before = _turns.Count;
        var first = _turns.FindIndex(turn => Holds(turn, text));
        for (var at = first; at >= 0; at = _turns.FindIndex(turn => Holds(turn, text)))
        {
            var start = _turns[at].Role == "system" ? at : Math.Max(0, _turns.FindLastIndex(at, IsQuestion));
            first = Math.Min(first, start);
            var end = _turns.FindIndex(at + 1, IsQuestion);
            if (_turns[at].Role == "system")
                end = at + 1;
            else if (end < 0)
                end = _turns.Count;
            _turns.RemoveRange(start, end - start);
        }

        return (before - _turns.Count, first < 0 ? 0 : _turns.Count - first);

        static bool IsQuestion(Turn turn) => turn.Role == "user";
    }

    /// <summary>The turns as JSON.</summary>
    public string Text() => JsonSerializer.Serialize(_turns, Session.JsonFormat) + "\n";

    /// <summary>Writes the turns as JSON.</summary>
    /// <exception cref="InputException">The file cannot be written.</exception>
    public void Save(string path) => AtomicFile.WriteText(path, Text());

    /// <summary>Takes the turns of a file in the place of its own.</summary>
    /// <exception cref="InputException">The file cannot be read or is no conversation.</exception>
    public void Load(string path)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MostBytes } file)
                throw new InputException($"{path}: {file.Length} bytes; at most {MostBytes} are read.");
            Take(path, File.ReadAllText(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Takes the turns of a text in the place of its own.</summary>
    /// <param name="path">Where the text is from.</param>
    /// <param name="json">The text.</param>
    /// <exception cref="InputException">The text is no conversation.</exception>
    public void Take(string path, string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            Turn[] turns = [.. document.RootElement.EnumerateArray().Select((row, i) => Read(path, row, i))];
            _turns.Clear();
            _turns.AddRange(turns);
        }
        catch (JsonException error)
        {
            throw new InputException($"{path}: is not JSON: {error.Message.ReplaceLineEndings(" ")}", error);
        }
        catch (InvalidOperationException error)
        {
            throw new InputException($"{path}: is not a list of turns.", error);
        }
    }

    private static Turn Read(string path, JsonElement row, int number)
    {
        string Field(string name) =>
            row.ValueKind == JsonValueKind.Object
            && row.TryGetProperty(name, out var field)
            && field.ValueKind == JsonValueKind.String
                ? field.GetString()!
                : throw new InputException($"{path}: turn {number + 1}: '{name}' must be a text.");
        var role = Field("role");
        return role is "user" or "assistant" || (role == "system" && number == 0)
            ? new(role, Field("content"))
            : throw new InputException(
                $"{path}: turn {number + 1}: role '{role}' is not one of user, assistant, or system for the first."
            );
    }
}
