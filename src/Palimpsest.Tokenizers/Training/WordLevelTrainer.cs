using System.Text.Json.Nodes;

namespace Palimpsest.Tokenizers;

/// <summary>Makes a vocabulary of whole words: each word with the blank before it is a token, each punctuation mark
/// too.</summary>
/// <remarks>
/// Ids 0 to 5 are <c>&lt;|pad|&gt; &lt;|bos|&gt; &lt;|eos|&gt; &lt;|user|&gt; &lt;|assistant|&gt; &lt;|unk|&gt;</c>;
/// the words follow, the most frequent first, equally frequent ones in order of their characters. A text of known words
/// with single blanks decodes to itself.
/// </remarks>
public static class WordLevelTrainer
{
    private const string Unknown = "<|unk|>";
    private const char Mark = '▁';
    private const string LineEnds = @"[\r\n\t]";

    /// <summary>Trains on texts.</summary>
    /// <param name="texts">Any texts; their order does not matter. Special tokens in them are passed over.</param>
    /// <param name="options">Settings.</param>
    /// <param name="cancellationToken">Stops between texts.</param>
    /// <returns>A tokenizer with at most <see cref="WordLevelTrainerOptions.VocabularySize"/> ids and a chat
    /// template.</returns>
    /// <exception cref="InputException">There is no text.</exception>
    public static Tokenizer Train(
        IEnumerable<string> texts,
        WordLevelTrainerOptions options,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(options);
        var stages = PreTokenizer();
        var field = JsonField.Parse("the trained tokenizer", System.Text.Encoding.UTF8.GetBytes(stages.ToJsonString()));
        var words = WordCounter.Count(texts, PreTokenizerReader.Read(field)!, cancellationToken);
        if (words.Count == 0)
            throw new InputException("The texts to train a tokenizer on are empty.");
        var known = words
            .Where(word => word.Value >= options.LeastCount)
            .OrderByDescending(word => word.Value)
            .ThenBy(word => word.Key, StringComparer.Ordinal)
            .Select(word => word.Key);
        var tokens = TrainedFiles.Special.Append(Unknown).Concat(known).Take(options.VocabularySize);
        return TrainedFiles.Build(
            stages,
            Metaspace(),
            new JsonObject
            {
                ["type"] = "WordLevel",
                ["vocab"] = new JsonObject(tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))),
                ["unk_token"] = Unknown,
            },
            Unknown
        );
    }

    private static JsonObject PreTokenizer() =>
        new()
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray(
                Metaspace(),
                new JsonObject { ["type"] = "Punctuation", ["behavior"] = "Isolated" },
                new JsonObject
                {
                    ["type"] = "Split",
                    ["pattern"] = new JsonObject { ["Regex"] = LineEnds },
                    ["behavior"] = "Isolated",
                    ["invert"] = false,
                }
            ),
        };

    private static JsonObject Metaspace() =>
        new()
        {
            ["type"] = "Metaspace",
            ["replacement"] = $"{Mark}",
            ["prepend_scheme"] = "always",
            ["split"] = true,
        };
}
