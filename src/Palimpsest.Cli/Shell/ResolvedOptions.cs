using System.CommandLine;
using System.Text.Json.Nodes;

namespace Palimpsest.Cli;

/// <summary>Everything that a command ran with, defaults included: the content of a run folder's config.json.</summary>
internal static class ResolvedOptions
{
    private static readonly string[] Unrecorded =
    [
        "--help",
        "--run",
        "--json",
        "--overwrite",
        Verbs.AuditRecord.SignKey,
    ];

    /// <summary>
    /// The command, each option under its name and, under <c>inputs</c>, the SHA-256 of every file that is read: a
    /// file's under its path, those of a folder's files under the folder's path. Paths are absolute; where to write and
    /// how to print are left out.
    /// </summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="run">The run folder, whose files are no input.</param>
    /// <exception cref="InputException">A file cannot be read.</exception>
    public static JsonObject Of(ParseResult parsed, string run)
    {
        var json = WithoutInputs(parsed);
        json["inputs"] = Inputs(parsed, run);
        return json;
    }

    /// <summary>The command and each option under its name, without the hashes of what is read.</summary>
    public static JsonObject WithoutInputs(ParseResult parsed)
    {
        var json = new JsonObject { ["command"] = string.Join(' ', UnknownName.Path(parsed).Skip(1)) };
        foreach (
            var option in parsed.CommandResult.Command.Options.Where(o => !o.Hidden && !Unrecorded.Contains(o.Name))
        )
            json[option.Name] = Json(option, parsed.GetResult(option)?.GetValueOrDefault<object?>());
        return json;
    }

    private static JsonObject Inputs(ParseResult parsed, string run)
    {
        string[] written =
        [
            NamedPlace.RealPathOf(run),
            .. CommandPlaces.Outputs(parsed).Select(output => output.Place.RealPath),
        ];
        var (inputs, hashes) = (new JsonObject(), InputHashes.For(parsed));
        foreach (var place in CommandPlaces.Recorded(parsed))
        {
            var path = Path.GetFullPath(place.Path);
            if (Directory.Exists(path))
                inputs[path] = Folder(path, hashes.OfFolder(path), written);
            else if (File.Exists(path))
                inputs[path] = hashes.OfFile(path);
        }

        return inputs;
    }

    private static JsonObject Folder(string folder, IReadOnlyList<FileHash> manifest, IReadOnlyList<string> written)
    {
        var real = NamedPlace.RealPathOf(folder);
        bool IsWritten(string name) =>
            written.Any(place =>
                Path.Combine(real, name).StartsWith(place + Path.DirectorySeparatorChar, NamedPlace.Comparison)
            );
        return new(
            manifest
                .Where(file => !IsWritten(file.Name))
                .Select(file => KeyValuePair.Create(file.Name, (JsonNode?)file.Sha256))
        );
    }

    private static JsonNode? Json(Option option, object? value) =>
        value switch
        {
            null => null,
            string text when option is ISettingOption setting => setting.Read(text) switch
            {
                Enum name => OptionBinder.Text(name),
                bool flag => flag,
                int whole => whole,
                long whole => whole,
                ulong whole => whole,
                double number => number,
                _ => text,
            },
            bool flag => flag,
            int whole => whole,
            long whole => whole,
            ulong whole => whole,
            double number => number,
            string[] texts => new JsonArray([.. texts.Select(text => (JsonNode)Place(option, text))]),
            _ => Place(option, value.ToString()!),
        };

    private static string Place(Option option, string text) =>
        CommandPlaces.IsPlace(option) ? Path.GetFullPath(text) : text;
}
