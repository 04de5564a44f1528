namespace Palimpsest.Tokenizers;

/// <summary>The files of a tokenizer, byte for byte.</summary>
internal sealed class TokenizerFiles
{
    /// <summary>The tokenizer proper.</summary>
    public const string TokenizerName = "tokenizer.json";

    /// <summary>Names of special tokens and, in older folders, the chat template.</summary>
    public const string ConfigName = "tokenizer_config.json";

    /// <summary>Names of special tokens again.</summary>
    public const string SpecialTokensName = "special_tokens_map.json";

    /// <summary>Ids of added tokens in older folders.</summary>
    public const string AddedTokensName = "added_tokens.json";

    /// <summary>The chat template of newer folders.</summary>
    public const string TemplateName = "chat_template.jinja";

    private static readonly (string Name, int LargestMegabytes)[] Known =
    [
        (TokenizerName, 256),
        (ConfigName, 64),
        (SpecialTokensName, 16),
        (AddedTokensName, 16),
        (TemplateName, 1),
    ];

    private readonly Dictionary<string, byte[]> _contents = [];
    private readonly string _place;

    /// <summary>Files that are to be written.</summary>
    /// <param name="place">What messages call the place they come from.</param>
    /// <param name="contents">Contents by name.</param>
    public TokenizerFiles(string place, IEnumerable<KeyValuePair<string, byte[]>> contents)
    {
        _place = place;
        foreach (var (name, content) in contents)
            _contents[name] = content;
    }

    /// <summary>Reads those that are there.</summary>
    /// <exception cref="InputException">tokenizer.json is missing, or a file is too large or cannot be
    /// read.</exception>
    public static TokenizerFiles Read(string folder)
    {
        var contents = new Dictionary<string, byte[]>();
        foreach (var (name, megabytes) in Known)
        {
            var path = Path.Combine(folder, name);
            if (!File.Exists(path))
                continue;
            var size = new FileInfo(path).Length;
            if (size > (long)megabytes << 20)
                throw new InputException($"{path}: {size} bytes; at most {megabytes} MiB are allowed.");
            try
            {
                contents[name] = File.ReadAllBytes(path);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new InputException($"{path}: cannot be read: {error.Message}", error);
            }
        }

        return contents.ContainsKey(TokenizerName)
            ? new TokenizerFiles(folder, contents)
            : throw new InputException($"{Path.Combine(folder, TokenizerName)}: file not found; a tokenizer needs it.");
    }

    /// <summary>These files with another text in the place of one.</summary>
    public TokenizerFiles With(string name, string text) =>
        new(_place, new Dictionary<string, byte[]>(_contents) { [name] = System.Text.Encoding.UTF8.GetBytes(text) });

    /// <summary>Writes them all; the tokenizer proper last, so that a folder with it is complete.</summary>
    public void Write(string folder)
    {
        foreach (var (name, content) in _contents.OrderBy(file => file.Key == TokenizerName))
            AtomicFile.Write(Path.Combine(folder, name), stream => stream.Write(content));
        foreach (var (name, _) in Known)
        {
            if (!_contents.ContainsKey(name))
                File.Delete(Path.Combine(folder, name));
        }
    }

    /// <summary>A file's JSON; null field when it is absent.</summary>
    public JsonField Json(string name) =>
        _contents.TryGetValue(name, out var content)
            ? JsonField.Parse(Path.Combine(_place, name), WithoutMark(content))
            : new JsonField(Path.Combine(_place, name), default);

    /// <summary>A file's text, or null when it is absent.</summary>
    public string? Text(string name) =>
        _contents.TryGetValue(name, out var content)
            ? System.Text.Encoding.UTF8.GetString(WithoutMark(content).Span)
            : null;

    private static ReadOnlyMemory<byte> WithoutMark(byte[] content) =>
        content.AsSpan().StartsWith("\uFEFF"u8) ? content.AsMemory(3) : content;
}
