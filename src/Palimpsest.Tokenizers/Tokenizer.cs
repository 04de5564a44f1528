namespace Palimpsest.Tokenizers;

/// <summary>Text to token ids and back, as the model's <c>tokenizer.json</c> says.</summary>
/// <remarks>Safe to use from many threads at once. Truncation and padding of the file are left to whoever builds
/// batches.</remarks>
public sealed class Tokenizer
{
    private readonly TokenizerFiles _files;
    private readonly TokenPipeline _pipeline;
    private readonly bool _cleansUp;
    private readonly Lazy<ChatTemplate?> _template;
    private readonly Lazy<string[]> _specialTexts;

    internal Tokenizer(TokenizerFiles files)
    {
        _files = files;
        _pipeline = new TokenPipeline(files);
        var config = files.Json(TokenizerFiles.ConfigName);
        _cleansUp = !config.IsNull && config["clean_up_tokenization_spaces"].AsBoolean(false);
        BosId = Role("bos_token");
        EosId = Role("eos_token");
        PadId = Role("pad_token");
        var template = TemplateOf(files, config);
        HasChatTemplate = template is not null;
        _specialTexts = new(() =>
            [.. AddedTokens.Select(token => token.Content).Where(text => IdOf(text) is { } id && IsSpecial(id))]
        );
        _template = new Lazy<ChatTemplate?>(() =>
            template is null ? null : new ChatTemplate(template, _pipeline.Special.ByRole)
        );
    }

    /// <summary>Reads tokenizer.json, tokenizer_config.json, special_tokens_map.json, added_tokens.json and
    /// chat_template.jinja of a folder.</summary>
    /// <exception cref="InputException">A file is missing, malformed or of a kind that is not known.</exception>
    public static Tokenizer Load(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return new Tokenizer(TokenizerFiles.Read(folder));
    }

    /// <summary>Writes the files that <see cref="Load"/> reads, byte for byte as they were.</summary>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public void Save(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        _files.Write(folder);
    }

    /// <summary>The same tokens with another conversation format.</summary>
    /// <param name="template">In Jinja; <see cref="Save"/> writes it as chat_template.jinja.</param>
    /// <exception cref="InputException">The template cannot be read.</exception>
    public Tokenizer WithChatTemplate(string template)
    {
        ArgumentNullException.ThrowIfNull(template);
        var other = new Tokenizer(_files.With(TokenizerFiles.TemplateName, template));
        _ = other.ChatTemplate;
        return other;
    }

    /// <summary>The files that it was made from.</summary>
    internal TokenizerFiles Files => _files;

    /// <summary>The tokens that are found in the text before the model sees it.</summary>
    internal IEnumerable<AddedToken> AddedTokens => _pipeline.Vocabulary.Added;

    /// <summary>The exact text of an id, or null.</summary>
    internal string? FindToken(int id) => _pipeline.Vocabulary.TokenOf(id);

    /// <summary>What tells another tokenizer's tokens from these, in a phrase; null when every id is the same
    /// token.</summary>
    /// <remarks>Ids that stand for nothing, with which GGUF files fill up to the model's size, do not count.</remarks>
    public string? FirstDifference(Tokenizer other)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (var id = 0; id < Math.Max(VocabularySize, other.VocabularySize); id++)
        {
            if (TokenOrNone(id) != other.TokenOrNone(id))
                return $"id {id} is {Shown(other.TokenOrNone(id))} instead of {Shown(TokenOrNone(id))}";
        }

        return null;
    }

    private string? TokenOrNone(int id) => FindToken(id) is { } token && token != $"[PAD{id}]" ? token : null;

    private static string Shown(string? token) => token is null ? "no token" : JsonField.Shown(token);

    /// <summary>Number of ids, added tokens included.</summary>
    public int VocabularySize => _pipeline.Vocabulary.Size;

    /// <summary>How text is cut into tokens: BPE, Unigram, WordPiece or WordLevel.</summary>
    public string Kind => _pipeline.Kind;

    /// <summary>Texts of special tokens by role, for example <c>bos_token</c>.</summary>
    public IReadOnlyDictionary<string, string> SpecialTokens => _pipeline.Special.ByRole;

    /// <summary>True when there is a conversation format, be it supported or not.</summary>
    public bool HasChatTemplate { get; }

    /// <summary>Beginning-of-sequence id, or null.</summary>
    public int? BosId { get; }

    /// <summary>End-of-sequence id, or null.</summary>
    public int? EosId { get; }

    /// <summary>Padding id, or null.</summary>
    public int? PadId { get; }

    /// <summary>The conversation format, or null; compiled when first asked for.</summary>
    /// <exception cref="InputException">The template uses a construct that is not supported.</exception>
    public ChatTemplate? ChatTemplate => _template.Value;

    /// <summary>Ids of a text.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="addSpecialTokens">Whether the post-processor adds its tokens.</param>
    /// <param name="findsSpecialTokens">
    /// Whether the names of special tokens within the text stand for them. False makes text of others harmless: it
    /// cannot end a turn.
    /// </param>
    public int[] Encode(string text, bool addSpecialTokens = true, bool findsSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        var tokens = _pipeline.Encode(text, addSpecialTokens, wantsSpans: false, findsSpecialTokens);
        var ids = new int[tokens.Count];
        for (var i = 0; i < ids.Length; i++)
            ids[i] = tokens[i].Id;
        return ids;
    }

    /// <summary>Ids with the span of text, in Unicode scalars, that each came from; tokens that were added have the
    /// span 0 to 0.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="addSpecialTokens">Whether the post-processor adds its tokens.</param>
    public IReadOnlyList<TokenSpan> EncodeWithOffsets(string text, bool addSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        return
        [
            .. _pipeline
                .Encode(text, addSpecialTokens, wantsSpans: true)
                .Select(token => new TokenSpan(token.Id, token.Surface ?? TokenOf(token.Id), token.Start, token.End)),
        ];
    }

    /// <summary>Text of ids.</summary>
    /// <param name="ids">Ids below <see cref="VocabularySize"/>; those without a token are passed over.</param>
    /// <param name="skipSpecialTokens">Whether special tokens are left out.</param>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true)
    {
        var text = _pipeline.Decode(ids, skipSpecialTokens);
        return _cleansUp ? CleanUpSpaces(text) : text;
    }

    /// <summary>The text of ids that come one after another.</summary>
    /// <param name="skipSpecialTokens">Whether special tokens are left out.</param>
    public TextStream NewStream(bool skipSpecialTokens = true)
    {
        var decoder = _pipeline.NewStream();
        return new(
            this,
            skipSpecialTokens,
            decoder is not null && _cleansUp ? new StreamChain([decoder, CleanUpStream(joinsDoNot: false)]) : decoder
        );
    }

    /// <summary>The text of ids that come one after another, each as <see cref="BytesOf"/> has it: no blank is taken
    /// from the start, none before punctuation.</summary>
    /// <param name="shownSpecialTokens">Special tokens that are written out; others are left out.</param>
    public TextStream NewExactStream(IReadOnlySet<int> shownSpecialTokens)
    {
        ArgumentNullException.ThrowIfNull(shownSpecialTokens);
        return new(this, shownSpecialTokens);
    }

    /// <summary>The UTF-8 bytes that an id adds to a text wherever it stands but first; they can be part of a
    /// character. Null where no token has the id, or its text depends on its neighbours.</summary>
    public byte[]? BytesOf(int id) => FindToken(id) is { } token ? _pipeline.BytesOf(token) : null;

    /// <summary>The exact texts of all special tokens.</summary>
    public IReadOnlyList<string> SpecialTexts => _specialTexts.Value;

    /// <summary>The id of a token's exact text, or null.</summary>
    public int? IdOf(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return _pipeline.Vocabulary.IdOf(token);
    }

    /// <summary>The exact text of an id.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No token has the id.</exception>
    public string TokenOf(int id) =>
        _pipeline.Vocabulary.TokenOf(id)
        ?? throw new ArgumentOutOfRangeException(
            nameof(id),
            id,
            $"No token has the id; ids are below {VocabularySize}."
        );

    /// <summary>Takes out blanks before punctuation and English contractions, as evaluations of generated text often
    /// do.</summary>
    public static string CleanUpSpaces(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return CleanUpSpaces(text, joinsDoNot: false);
    }

    /// <summary>The same, which WordPiece decoders also do to "do not".</summary>
    internal static string CleanUpSpaces(string text, bool joinsDoNot)
    {
        foreach (var (sought, content) in Spaces(joinsDoNot))
            text = text.Replace(sought, content, StringComparison.Ordinal);
        return text;
    }

    /// <summary>The same for a text that comes in parts.</summary>
    internal static ITokenDecoderStream CleanUpStream(bool joinsDoNot) =>
        new StreamChain([.. Spaces(joinsDoNot).Select(pair => new ReplaceStream(pair.Sought, pair.Content))]);

    private static IEnumerable<(string Sought, string Content)> Spaces(bool joinsDoNot) =>
        [
            (" .", "."),
            (" ?", "?"),
            (" !", "!"),
            (" ,", ","),
            (" ' ", "'"),
            (" n't", "n't"),
            (" 'm", "'m"),
            .. joinsDoNot ? [(" do not", " don't")] : Array.Empty<(string, string)>(),
            (" 's", "'s"),
            (" 've", "'ve"),
            (" 're", "'re"),
        ];

    private static string? TemplateOf(TokenizerFiles files, JsonField config)
    {
        if (files.Text(TokenizerFiles.TemplateName) is { } own)
            return own;
        if (config.IsNull || config["chat_template"] is not { IsNull: false } field)
            return null;
        if (field.Value.ValueKind == System.Text.Json.JsonValueKind.String)
            return field.AsString();
        var named = field
            .Elements()
            .Select(e => (Name: e["name"].AsString(), Text: e["template"].AsString()))
            .ToArray();
        return named.FirstOrDefault(t => t.Name == "default", named.FirstOrDefault()).Text;
    }

    /// <summary>True for ids that decoding can leave out.</summary>
    public bool IsSpecial(int id) => _pipeline.Vocabulary.IsSpecial(id);

    private int? Role(string role) =>
        _pipeline.Special.ByRole.TryGetValue(role, out var token) ? _pipeline.Vocabulary.IdOf(token) : null;
}
