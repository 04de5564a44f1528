namespace Palimpsest.Tokenizers;

/// <summary>The stages of <c>tokenizer.json</c> in order.</summary>
internal sealed class TokenPipeline
{
    private readonly INormalizer? _normalizer;
    private readonly IPreTokenizer? _preTokenizer;
    private readonly ITokenModel _model;
    private readonly IPostProcessor? _postProcessor;
    private readonly ITokenDecoder? _decoder;
    private readonly (AddedTokenMatcher Verbatim, AddedTokenMatcher Normalized) _added;
    private readonly Lazy<(AddedTokenMatcher Verbatim, AddedTokenMatcher Normalized)> _ordinary;

    /// <summary>Reads the stages; special tokens of the other files become part of the vocabulary.</summary>
    /// <exception cref="InputException">A field is malformed or of a kind that is not known.</exception>
    public TokenPipeline(TokenizerFiles files)
    {
        var root = files.Json(TokenizerFiles.TokenizerName);
        TokenizerFields.Check(
            files.Json(TokenizerFiles.ConfigName),
            files.Json(TokenizerFiles.SpecialTokensName),
            root
        );
        _model = TokenModelReader.Read(root["model"]);
        Kind = TokenModelReader.KindOf(root["model"]);
        Vocabulary = new AddedVocabulary(_model.Vocabulary);
        if (!root["added_tokens"].IsNull)
        {
            foreach (var token in root["added_tokens"].Elements())
                Vocabulary.Add(
                    AddedToken.Read(token, token["id"].AsInteger(0, Palimpsest.Tokenizers.Vocabulary.MostIds - 1)),
                    token
                );
        }

        Special = SpecialTokens.Read(
            files.Json(TokenizerFiles.ConfigName),
            files.Json(TokenizerFiles.SpecialTokensName),
            files.Json(TokenizerFiles.AddedTokensName),
            Vocabulary
        );
        _normalizer = NormalizerReader.Read(root["normalizer"]);
        _preTokenizer = PreTokenizerReader.Read(root["pre_tokenizer"]);
        _postProcessor =
            AddedEnds.Read(files.Json(TokenizerFiles.ConfigName), Special, Vocabulary.IdOf)
            ?? PostProcessorReader.Read(root["post_processor"], Vocabulary.Size, id => Vocabulary.TokenOf(id) ?? "");
        _decoder = TokenDecoderReader.Read(root["decoder"]);
        _added = Matchers(Vocabulary.Added);
        _ordinary = new(() => Matchers(Vocabulary.Added.Where(token => !token.IsSpecial)));
    }

    /// <summary>The model's kind: BPE, Unigram, WordPiece or WordLevel.</summary>
    public string Kind { get; }

    /// <summary>All tokens.</summary>
    public AddedVocabulary Vocabulary { get; }

    /// <summary>Tokens by role.</summary>
    public SpecialTokens Special { get; }

    /// <summary>The tokens of a text; spans only where they are wanted.</summary>
    public List<EncodedToken> Encode(
        string text,
        bool addSpecialTokens,
        bool wantsSpans,
        bool findsSpecialTokens = true
    )
    {
        var pieces = Cut(text, wantsSpans || _normalizer is not null, findsSpecialTokens ? _added : _ordinary.Value);
        _preTokenizer?.Apply(pieces);
        var tokens = new List<EncodedToken>(pieces.Pieces.Count * 2);
        foreach (var piece in pieces.Pieces)
        {
            var slice = pieces.Text.AsSpan(piece.Start, piece.Length);
            var found = piece.TokenId < 0 ? _model.Tokenize(slice) : [new ModelToken(piece.TokenId, 0, piece.Length)];
            foreach (var token in found)
                tokens.Add(wantsSpans ? WithSpan(pieces, piece, token) : new EncodedToken(token.Id, 0, 0));
        }

        return _postProcessor?.Process(tokens, addSpecialTokens) ?? tokens;
    }

    /// <summary>The text of ids; ids without a token are passed over.</summary>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens)
    {
        var tokens = new List<string>(ids.Length);
        foreach (var id in ids)
        {
            if (Vocabulary.TokenOf(id) is { } token && !(skipSpecialTokens && Vocabulary.IsSpecial(id)))
                tokens.Add(token);
        }

        return _decoder is null ? string.Join(' ', tokens) : string.Concat(_decoder.Decode(tokens));
    }

    /// <summary>The decoder for tokens that come one after another; null when no text is certain before the
    /// last.</summary>
    public ITokenDecoderStream? NewStream() =>
        _decoder is null
            ? new MapStream((token, index) => index == 0 ? token : " " + token)
            : _decoder.Stream(fused: false);

    /// <summary>The UTF-8 bytes that a token adds to a text wherever it stands but first; null where they depend on its
    /// neighbours.</summary>
    public byte[]? BytesOf(string token) =>
        _decoder is null
            ? System.Text.Encoding.UTF8.GetBytes(" " + token)
            : _decoder.Within(new(token, null), fused: false)?.ToBytes();

    private EncodedToken WithSpan(PieceText pieces, TextPiece piece, ModelToken token)
    {
        var (first, end) = (piece.Start + token.Start, piece.Start + token.End);
        var shows = piece.TokenId >= 0 || _model.ShowsSource(token.Id);
        return new EncodedToken(
            token.Id,
            pieces.Source![first],
            pieces.Source[end - 1] + 1,
            shows ? pieces.Text[first..end] : null
        );
    }

    private (AddedTokenMatcher Verbatim, AddedTokenMatcher Normalized) Matchers(IEnumerable<AddedToken> tokens)
    {
        var byKind = tokens.ToLookup(token => token.IsNormalized);
        return (
            new(byKind[false].Select(token => (token.Content, token))),
            new(byKind[true].Select(token => (Normalized(AlignedText.FromOriginal(token.Content, 0)).Text, token)))
        );
    }

    private PieceText Cut(
        string text,
        bool keepsSource,
        (AddedTokenMatcher Verbatim, AddedTokenMatcher Normalized) added
    )
    {
        var outer = new List<TextPiece>();
        added.Verbatim.Cut(text, outer);
        var source = keepsSource ? AlignedText.Identity(text, 0) : null;
        if (_normalizer is null && added.Normalized.IsEmpty)
            return new PieceText(text, source, outer);
        var builder = new AlignedTextBuilder(text.Length);
        var pieces = new List<TextPiece>();
        var inner = new List<TextPiece>();
        source ??= new int[text.Length];
        foreach (var piece in outer)
        {
            var start = builder.Length;
            var part = new AlignedText(text.Substring(piece.Start, piece.Length), source[piece.Start..piece.End]);
            if (piece.TokenId < 0)
                part = Normalized(part);
            builder.Append(part.Text, part.Source);
            if (piece.TokenId >= 0)
            {
                pieces.Add(new TextPiece(start, part.Text.Length, piece.TokenId));
                continue;
            }

            inner.Clear();
            added.Normalized.Cut(part.Text, inner);
            foreach (var found in inner)
                pieces.Add(found with { Start = found.Start + start });
        }

        var whole = builder.ToText();
        return new PieceText(whole.Text, keepsSource ? whole.Source : null, pieces);
    }

    private AlignedText Normalized(AlignedText text) => _normalizer?.Normalize(text) ?? text;
}
