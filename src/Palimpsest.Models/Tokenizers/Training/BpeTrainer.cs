using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Palimpsest.Models;

/// <summary>
/// Learns a byte-level BPE: starts from bytes and merges the most frequent pair until the vocabulary is full. Sennrich et al.
/// 2016, arXiv:1508.07909.
/// </summary>
/// <remarks>
/// Ids 0 to 4 are <c>&lt;|pad|&gt; &lt;|bos|&gt; &lt;|eos|&gt; &lt;|user|&gt; &lt;|assistant|&gt;</c>. Of equally frequent pairs the one with the
/// smaller ids is merged, so that the same texts always give the same tokenizer.
/// </remarks>
public static class BpeTrainer
{
    private const string Template =
        "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'user' %}<|user|>{{ m['content'] }}{% elif m['role'] == 'assistant' %}"
        + "<|assistant|>{{ m['content'] }}{{ eos_token }}{% endif %}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}";

    private static readonly string[] Special = ["<|pad|>", "<|bos|>", "<|eos|>", "<|user|>", "<|assistant|>"];

    /// <summary>Trains on texts.</summary>
    /// <param name="texts">Any texts; their order does not matter.</param>
    /// <param name="options">Settings.</param>
    /// <param name="cancellationToken">Stops between merges.</param>
    /// <exception cref="InputException">There is no text.</exception>
    public static Tokenizer Train(IEnumerable<string> texts, BpeTrainerOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var words = CountWords(texts);
        if (words.Count == 0)
            throw new InputException("The texts to train a tokenizer on are empty.");
        List<string> tokens = [.. Special, .. ByteAlphabet.InOrder.Select(c => c.ToString())];
        var merges = new PairMerger(words, tokens).Run(options, cancellationToken);
        return Build(tokens, merges);
    }

    private static Dictionary<string, long> CountWords(IEnumerable<string> texts)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var lookup = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        var splitter = new ByteLevelPreTokenizer(addPrefixSpace: false, usesRegex: true);
        foreach (var text in texts)
        {
            if (text.Length == 0)
                continue;
            var pieces = new PieceText(text, null, [new(0, text.Length)]);
            splitter.Apply(pieces);
            foreach (var piece in pieces.Pieces)
            {
                var word = pieces.Text.AsSpan(piece.Start, piece.Length);
                lookup[word] = lookup.TryGetValue(word, out var count) ? count + 1 : 1;
            }
        }

        return counts;
    }

    private static Tokenizer Build(List<string> tokens, List<(string Left, string Right)> merges)
    {
        var byteLevel = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = true };
        var root = new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray([.. Special.Select((token, id) => Added(token, id))]),
            ["normalizer"] = null,
            ["pre_tokenizer"] = byteLevel,
            ["post_processor"] = BosProcessor(),
            ["decoder"] = byteLevel.DeepClone(),
            ["model"] = new JsonObject
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
            },
        };
        var config = new JsonObject
        {
            ["bos_token"] = Special[1],
            ["clean_up_tokenization_spaces"] = false,
            ["eos_token"] = Special[2],
            ["model_max_length"] = 1_000_000_000,
            ["pad_token"] = Special[0],
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
        };
        return new(new TokenizerFiles("the trained tokenizer", new Dictionary<string, byte[]>
        {
            [TokenizerFiles.TokenizerName] = Bytes(root),
            [TokenizerFiles.ConfigName] = Bytes(config),
            [TokenizerFiles.TemplateName] = Encoding.UTF8.GetBytes(Template),
        }));
    }

    private static JsonObject Added(string token, int id) => new()
    {
        ["id"] = id,
        ["content"] = token,
        ["single_word"] = false,
        ["lstrip"] = false,
        ["rstrip"] = false,
        ["normalized"] = false,
        ["special"] = true,
    };

    private static JsonObject BosProcessor()
    {
        static JsonObject Bos() => new() { ["SpecialToken"] = new JsonObject { ["id"] = Special[1], ["type_id"] = 0 } };
        static JsonObject Text(string name) => new() { ["Sequence"] = new JsonObject { ["id"] = name, ["type_id"] = 0 } };
        return new()
        {
            ["type"] = "TemplateProcessing",
            ["single"] = new JsonArray(Bos(), Text("A")),
            ["pair"] = new JsonArray(Bos(), Text("A"), Bos(), Text("B")),
            ["special_tokens"] = new JsonObject
            {
                [Special[1]] = new JsonObject { ["id"] = Special[1], ["ids"] = new JsonArray(1), ["tokens"] = new JsonArray(Special[1]) },
            },
        };
    }

    private static byte[] Bytes(JsonObject json) => JsonSerializer.SerializeToUtf8Bytes(json, Indented);

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
}
