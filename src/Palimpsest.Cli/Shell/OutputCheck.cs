using System.CommandLine;

namespace Palimpsest.Cli;

/// <summary>Looks before any work at the places where results will be written.</summary>
internal static class OutputCheck
{
    /// <summary>
    /// Refuses a place that is read, that holds something already and is not to be replaced, or that cannot be written.
    /// </summary>
    /// <exception cref="InputException">A place is refused; the message says why and what to do.</exception>
    public static void Require(ParseResult parsed)
    {
        var (inputs, outputs) = (CommandPlaces.Inputs(parsed), CommandPlaces.Outputs(parsed));
        foreach (var (option, place) in outputs)
        {
            if (place.Path.Length == 0)
                throw new InputException($"{place.Name}: is empty; needed is a path.");
            foreach (var input in inputs)
                RequireApart(place, input);
            foreach (var (owner, other) in outputs.Where(o => o.Option != option))
            {
                if (place.IsSame(other) || (owner.Kind != OutputKind.KeptFolder && place.IsWithin(other)))
                    throw new InputException(
                        $"{place.Name}: {place.Path} is or lies in {other.Name}; a result is in a place of its own."
                    );
            }

            RequireFree(option, place, parsed);
            RequireWritable(option, place);
        }
    }

    private static void RequireApart(NamedPlace place, NamedPlace input)
    {
        if (place.IsSame(input))
            throw new InputException(
                $"{place.Name}: {place.Path} is {input.Name}, which is read and never overwritten; name another folder."
            );
        if (place.IsWithin(input) && input.IsModel)
            throw new InputException(
                $"{place.Name}: {place.Path} lies in {input.Name}, which is read and never changed; name another "
                    + "folder."
            );
        if (input.IsWithin(place))
            throw new InputException(
                $"{place.Name}: {place.Path} holds {input.Name} ({input.Path}), which is read and never overwritten; "
                    + "name another folder."
            );
    }

    private static void RequireFree(OutputOption option, NamedPlace place, ParseResult parsed)
    {
        var overwrites = parsed.GetValue(Overwrite) || IsOfRun(place.Path, parsed);
        var single = option.Kind == OutputKind.File || (option.Kind == OutputKind.FolderOrGguf && IsGguf(place.Path));
        if (single ? Directory.Exists(place.Path) : File.Exists(place.Path))
            throw new InputException(
                $"{place.Name}: {place.Path} is a {(single ? "folder" : "file")}; needed is a "
                    + $"{(single ? "file" : "folder")}."
            );
        if (option.Kind is OutputKind.File or OutputKind.KeptFolder)
            return;
        if (option.Kind == OutputKind.FilesInFolder)
        {
            foreach (var file in option.Files.Select(name => Path.Combine(place.Path, name)).Where(File.Exists))
                RequireOverwrite(overwrites, place, file);
        }
        else if (single)
        {
            if (File.Exists(place.Path))
                RequireOverwrite(overwrites, place, place.Path);
        }
        else if (Directory.Exists(place.Path) && Directory.EnumerateFileSystemEntries(place.Path).Any())
        {
            RequireOverwrite(overwrites, place, place.Path);
            if (!IsResult(place.Path))
                throw new InputException(
                    $"{place.Name}: {place.Path} holds neither config.json nor adapter_config.json; --overwrite "
                        + "replaces the folders of models and adapters alone."
                );
        }
    }

    /// <summary>The option that lets a result take the place of an older one.</summary>
    public static Option<bool> Overwrite { get; } =
        new("--overwrite")
        {
            Description = "Replace what is at the place of the result; a model's folder is replaced whole.",
        };

    private static bool IsGguf(string path) => path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);

    private static void RequireOverwrite(bool overwrites, NamedPlace place, string path)
    {
        if (!overwrites)
            throw new InputException(
                $"{place.Name}: {path} is there already; name another place, or replace it with {Overwrite.Name}."
            );
    }

    private static bool IsResult(string folder) =>
        File.Exists(Path.Combine(folder, "config.json")) || File.Exists(Path.Combine(folder, "adapter_config.json"));

    // A command that is repeated with its run folder may have been killed right after it had written.
    private static bool IsOfRun(string folder, ParseResult parsed) =>
        parsed.GetValue(Verbs.CommonOptions.Run) is { } run
        && Directory.Exists(folder)
        && ResultRecord.Read(folder)?.Run == RunFolder.IdOf(run);

    private static void RequireWritable(OutputOption option, NamedPlace place)
    {
        // A folder that is there gets files; any other place is made or replaced in the folder above.
        var parent = option.Kind is OutputKind.FilesInFolder or OutputKind.KeptFolder
            ? place.RealPath
            : Path.GetDirectoryName(place.RealPath);
        while (parent is not null && !Directory.Exists(parent))
        {
            if (File.Exists(parent))
                throw new InputException($"{place.Name}: {place.Path}: cannot be written: {parent} is a file.");
            parent = Path.GetDirectoryName(parent);
        }

        var trial = Path.Combine(parent ?? ".", $".palimpsest-{Guid.NewGuid():n}.tmp");
        try
        {
            Directory.CreateDirectory(trial);
            Directory.Delete(trial);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"{place.Name}: {place.Path}: cannot be written: {error.Message.ReplaceLineEndings(" ")}",
                error
            );
        }
    }
}
