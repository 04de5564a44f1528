using System.Text.Json.Nodes;

namespace Palimpsest.Tokenizers;

/// <summary>
/// Learns a byte-level BPE: starts from bytes and merges the most frequent pair until the vocabulary is full. Sennrich
/// et al.
/// 2016, arXiv:1508.07909.
/// </summary>
/// <remarks>
/// Ids 0 to 4 are <c>&lt;|pad|&gt; &lt;|bos|&gt; &lt;|eos|&gt; &lt;|user|&gt; &lt;|assistant|&gt;</c>. Of equally
/// frequent pairs the one with the smaller ids is merged, so that the same texts always give the same tokenizer.
/// </remarks>
public static class BpeTrainer
{
    /// <summary>Trains on texts.</summary>
    /// <param name="texts">Any texts; their order does not matter. Special tokens in them are passed over.</param>
    /// <param name="options">Settings.</param>
    /// <param name="cancellationToken">Stops between texts and between merges.</param>
    /// <returns>A tokenizer with at most <see cref="BpeTrainerOptions.VocabularySize"/> ids and a chat
    /// template.</returns>
    /// <exception cref="InputException">There is no text.</exception>
    public static Tokenizer Train(
        IEnumerable<string> texts,
        BpeTrainerOptions options,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(options);
        var words = WordCounter.Count(
            texts,
            new ByteLevelPreTokenizer(addPrefixSpace: false, usesRegex: true),
            cancellationToken
        );
        if (words.Count == 0)
            throw new InputException("The texts to train a tokenizer on are empty.");
        List<string> tokens = [.. TrainedFiles.Special, .. ByteAlphabet.InOrder.Select(c => c.ToString())];
        var merges = new PairMerger(words, tokens).Run(options, cancellationToken);
        return TrainedFiles.Build(
            ByteLevel(addsPrefix: false),
            ByteLevel(addsPrefix: true),
            new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = null,
                ["continuing_subword_prefix"] = null,
                ["end_of_word_suffix"] = null,
                ["fuse_unk"] = false,
                ["byte_fallback"] = false,
                ["ignore_merges"] = false,
                ["vocab"] = new JsonObject(tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))),
                ["merges"] = new JsonArray([.. merges.Select(m => new JsonArray(m.Left, m.Right))]),
            }
        );
    }

    private static JsonObject ByteLevel(bool addsPrefix) =>
        new()
        {
            ["type"] = "ByteLevel",
            ["add_prefix_space"] = addsPrefix,
            ["trim_offsets"] = true,
            ["use_regex"] = true,
        };
}
