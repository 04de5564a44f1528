using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Palimpsest.Cli;

/// <summary>Everything that a command ran with, defaults included: the content of a run folder's config.json.</summary>
internal static class ResolvedOptions
{
    private static readonly string[] Places = ["folder", "file", "path"];

    /// <summary>
    /// The command, each option under its name and, under <c>inputs</c>, the SHA-256 of every file that an option
    /// names. Paths
    /// are absolute; where to write and how to print are left out.
    /// </summary>
    public static JsonObject Of(ParseResult parsed)
    {
        var json = new JsonObject { ["command"] = string.Join(' ', UnknownName.Path(parsed).Skip(1)) };
        var inputs = new JsonObject();
        foreach (
            var option in parsed.CommandResult.Command.Options.Where(o =>
                !o.Hidden && o.Name is not "--help" and not "--run" and not "--json"
            )
        )
        {
            var value = parsed.GetResult(option)?.GetValueOrDefault<object?>();
            json[option.Name] = Json(option, value);
            foreach (var file in Texts(value).Where(text => Places.Contains(option.HelpName) && File.Exists(text)))
                inputs[Path.GetFullPath(file)] = Hash(file);
        }

        json["inputs"] = inputs;
        return json;
    }

    private static JsonNode? Json(Option option, object? value) =>
        value switch
        {
            null => null,
            string text when option is SettingOption setting => setting.Read(text) switch
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

    private static string[] Texts(object? value) =>
        value switch
        {
            string text => [text],
            string[] texts => texts,
            _ => [],
        };

    private static string Place(Option option, string text) =>
        Places.Contains(option.HelpName) ? Path.GetFullPath(text) : text;

    private static string Hash(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read: {error.Message}", error);
        }
    }
}
