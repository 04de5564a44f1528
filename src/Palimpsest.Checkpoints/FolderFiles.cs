namespace Palimpsest.Checkpoints;

/// <summary>The files beside the weights that a changed model keeps.</summary>
internal static class FolderFiles
{
    /// <summary>Tokenizer, chat template and generation settings in every form that is read.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "tokenizer.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "added_tokens.json",
        "chat_template.jinja",
        "chat_template.json",
        "vocab.json",
        "vocab.txt",
        "merges.txt",
        "tokenizer.model",
        "spiece.model",
        ModelSource.GenerationName,
    ];

    /// <summary>Copies tokenizer and generation settings byte for byte.</summary>
    /// <exception cref="InputException">A file cannot be read or written.</exception>
    public static void Copy(string source, string target)
    {
        foreach (var name in Names)
        {
            var path = Path.Combine(source, name);
            if (!File.Exists(path))
                continue;
            AtomicFile.Write(
                Path.Combine(target, name),
                output =>
                {
                    using var input = File.OpenRead(path);
                    input.CopyTo(output);
                }
            );
        }
    }

    /// <summary>Refuses a target that is one of the folders being read.</summary>
    /// <exception cref="InputException">It is.</exception>
    public static void RequireOther(string target, IEnumerable<string> sources)
    {
        foreach (var source in sources)
        {
            if (Full(source) == Full(target))
                throw new InputException(
                    $"{target}: is read and cannot be written at the same time; name another folder."
                );
        }
    }

    private static string Full(string folder) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
}
