using System.Text.Json;

namespace Palimpsest.Checkpoints;

/// <summary>Tokenizers as the metadata of GGUF files.</summary>
internal sealed class GgufTokenizerWriter
{
    private readonly Tokenizer _tokenizer;
    private readonly JsonField _model;
    private readonly JsonField _root;
    private readonly int _size;

    private GgufTokenizerWriter(Tokenizer tokenizer, int size)
    {
        (_tokenizer, _size) = (tokenizer, size);
        _root = tokenizer.Files.Json(TokenizerFiles.TokenizerName);
        _model = _root["model"];
    }

    /// <summary>Keys and values of a tokenizer.</summary>
    /// <param name="tokenizer">A byte-level BPE, or pieces with byte fallback.</param>
    /// <param name="size">Rows of the model's embedding; ids without a token become unused ones.</param>
    /// <param name="ends">Ids that end an answer.</param>
    /// <exception cref="InputException">The tokenizer does something that a GGUF file cannot say.</exception>
    public static IEnumerable<KeyValuePair<string, object>> Write(
        Tokenizer tokenizer,
        int size,
        IReadOnlyList<int> ends
    )
    {
        var writer = new GgufTokenizerWriter(tokenizer, size);
        if (writer._model["type"].AsString("") != "BPE")
            throw writer._model["type"].Error("a GGUF file can hold tokenizers of the type BPE.");
        return
        [
            .. writer._model["byte_fallback"].AsBoolean(false) ? writer.Pieces() : writer.ByteLevel(),
            .. writer.Roles(ends),
        ];
    }

    private IEnumerable<KeyValuePair<string, object>> ByteLevel()
    {
        var prefersWhole = _model["ignore_merges"].AsBoolean(false);
        var cutting =
            GgufSplitting.NameOf(PreTokenizerReader.Read(_root["pre_tokenizer"]), prefersWhole)
            ?? throw _root["pre_tokenizer"].Error("no cutting that GGUF files can name gives the same pieces.");
        // Unicode's composed form is left out: programs that run GGUF files do not apply it either.
        if (!_root["normalizer"].IsNull && _root["normalizer"]["type"].AsString("") != "NFC")
            throw _root["normalizer"].Error("a GGUF file can hold a byte-level tokenizer without one, or with NFC.");
        yield return new("tokenizer.ggml.model", "gpt2");
        yield return new("tokenizer.ggml.pre", cutting);
        yield return new("tokenizer.ggml.tokens", Tokens());
        yield return new("tokenizer.ggml.token_type", Kinds(pieces: false));
        yield return new("tokenizer.ggml.merges", Merges().Select(m => $"{m.Left} {m.Right}").ToArray());
    }

    private IEnumerable<KeyValuePair<string, object>> Pieces()
    {
        var (tokens, kinds) = (Tokens(), Kinds(pieces: true));
        var merges = Merges().ToArray();
        var scores = Scores(tokens, merges);
        var all = GgufPieces.Merges(tokens, kinds, scores).ToHashSet();
        if (all.Count != merges.Length || !all.SetEquals(merges))
            throw _model["merges"]
                .Error("they are not those of scored pieces, which a GGUF file holds in their place.");
        yield return new("tokenizer.ggml.model", "llama");
        yield return new("tokenizer.ggml.pre", "default");
        yield return new("tokenizer.ggml.tokens", tokens);
        yield return new("tokenizer.ggml.scores", scores);
        yield return new("tokenizer.ggml.token_type", kinds);
        yield return new("tokenizer.ggml.add_space_prefix", BeginsWithBlank());
    }

    private IEnumerable<KeyValuePair<string, object>> Roles(IReadOnlyList<int> ends)
    {
        var (first, last) = Surrounding();
        var end = _tokenizer.EosId ?? last ?? (ends.Count > 0 ? ends[0] : null);
        var turn = ends.Where(id => id != end).Select(id => (int?)id).FirstOrDefault();
        (string, int?)[] roles =
        [
            ("bos", _tokenizer.BosId ?? first),
            ("eos", end),
            ("eot", turn),
            ("unknown", Unknown()),
            ("padding", _tokenizer.PadId),
        ];
        foreach (var (role, id) in roles)
        {
            if (id is { } known)
                yield return new($"tokenizer.ggml.{role}_token_id", (uint)known);
        }

        // As llama.cpp's own converter does, whatever the tokenizer's class makes of the two fields.
        var config = _tokenizer.Files.Json(TokenizerFiles.ConfigName);
        var adds = AddedEnds.Said(config, "add_bos_token") ?? first is not null;
        yield return new("tokenizer.ggml.add_bos_token", adds);
        adds = AddedEnds.Said(config, "add_eos_token") ?? last is not null;
        yield return new("tokenizer.ggml.add_eos_token", adds);
        if (_tokenizer.ChatTemplate is { } template)
            yield return new("tokenizer.chat_template", template.Source);
    }

    /// <summary>The tokens that are added before and after a text.</summary>
    private (int? First, int? Last) Surrounding()
    {
        const string Probe = "a";
        var (bare, full) = (_tokenizer.Encode(Probe, addSpecialTokens: false), _tokenizer.Encode(Probe));
        var more = full.Length - bare.Length;
        var before = more == 2 ? 1 : 0;
        if (full[..more].All(_tokenizer.IsSpecial))
            before = more;
        var after = more - before;
        int? first = before > 0 ? full[0] : null,
            last = after > 0 ? full[^1] : null;
        var isSaid =
            before <= 1
            && after <= 1
            && full.AsSpan(before, bare.Length).SequenceEqual(bare)
            && (first ?? _tokenizer.BosId) == (_tokenizer.BosId ?? first)
            && (last ?? _tokenizer.EosId) == (_tokenizer.EosId ?? last);
        return isSaid
            ? (first, last)
            : throw _root["post_processor"].Error("a GGUF file can add the begin token, the end token, or both.");
    }

    private int? Unknown() => _model["unk_token"].AsString(null) is { } unknown ? _tokenizer.IdOf(unknown) : null;

    private string[] Tokens() => [.. Enumerable.Range(0, _size).Select(id => _tokenizer.FindToken(id) ?? $"[PAD{id}]")];

    private int[] Kinds(bool pieces)
    {
        var kinds = Enumerable
            .Range(0, _size)
            .Select(id => _tokenizer.FindToken(id) is null ? GgufVocabulary.Unused : GgufVocabulary.Normal)
            .ToArray();
        foreach (var added in _tokenizer.AddedTokens)
            kinds[added.Id] = added.IsSpecial ? GgufVocabulary.Control : GgufVocabulary.UserDefined;
        if (!pieces)
            return kinds;
        for (var value = 0; value < 256; value++)
        {
            if (_tokenizer.IdOf($"<0x{value:X2}>") is { } id)
                kinds[id] = GgufVocabulary.Byte;
        }

        if (Unknown() is { } unknown)
            kinds[unknown] = GgufVocabulary.Unknown;
        return kinds;
    }

    private IEnumerable<(string Left, string Right)> Merges() => _model["merges"].Elements().Select(MergeTable.Pair);

    /// <summary>Pieces that are made earlier have higher scores; those that nothing makes have the lowest.</summary>
    private static float[] Scores(string[] tokens, (string Left, string Right)[] merges)
    {
        var rank = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (left, right) in merges)
            rank.TryAdd(left + right, rank.Count);
        return [.. tokens.Select(token => -(float)rank.GetValueOrDefault(token, rank.Count))];
    }

    private bool BeginsWithBlank()
    {
        foreach (var begins in (bool[])[true, false])
        {
            if (
                _root["pre_tokenizer"].IsNull
                && JsonElement.DeepEquals(
                    _root["normalizer"].Value,
                    JsonField.Parse("normalizer", TokenizerJson.Bytes(GgufPieces.Normalizer(begins))).Value
                )
            )
            {
                return begins;
            }
        }

        var cutting = _root["pre_tokenizer"];
        if (
            _root["normalizer"].IsNull
            && !cutting.IsNull
            && cutting["type"].AsString("") == "Metaspace"
            && !cutting["split"].AsBoolean(true)
            && MetaspacePreTokenizer.ReadScheme(cutting) is not PrependScheme.First and var scheme
        )
        {
            return scheme == PrependScheme.Always;
        }

        throw _root["normalizer"].Error("a GGUF file can hold pieces with a blank before every text, or before none.");
    }
}
