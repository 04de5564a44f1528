using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Palimpsest.Evaluation;

namespace Palimpsest.Cli.Verbs;

/// <summary>What an audit's certificate says beside its findings: method, paths, options.</summary>
internal static class AuditRecord
{
    /// <summary>The file in the run folder that holds the commitment's secret.</summary>
    public const string SaltName = "commitment-salt.txt";

    /// <summary>The option that names the run of the forget command; it is a record and no input.</summary>
    public const string ForgetRun = "--forget-run";

    /// <summary>The option that names the key that signs; it is no input, and its place is nobody's business.</summary>
    public const string SignKey = "--sign-key";

    /// <summary>Options on the plan itself, which the plan does not hold.</summary>
    private static readonly string[] OfPlans = [PlannedAudit.Write, PlannedAudit.Follow, PlannedAudit.Mark];

    private const int SaltBytes = 16;

    /// <summary>The record of one audit.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="forgetRun">The run folder of the forget command, or null.</param>
    public static AuditProvenance Create(ParseResult parsed, string? forgetRun)
    {
        var inputs = CommandPlaces
            .Inputs(parsed)
            .Where(place => place.Name is not (ForgetRun or SignKey or PlannedAudit.Follow))
            .ToDictionary(place => place.Name.TrimStart('-'), place => place.Path);
        return new()
        {
            Unlearning = forgetRun is null ? new Dictionary<string, string>() : MethodOf(forgetRun),
            Paths = inputs,
            Options = Plain(
                ResolvedOptions.WithoutInputs(parsed),
                name =>
                    name.StartsWith("--", StringComparison.Ordinal)
                    && !inputs.ContainsKey(name.TrimStart('-'))
                    && !OfPlans.Contains(name)
            ),
            Hashes = inputs.ToDictionary(input => input.Key, input => InputHashes.For(parsed).Of(input.Value)),
        };
    }

    /// <summary>The secret text of the commitment to what was to be forgotten: that of the run folder, or a new one,
    /// which is kept there.</summary>
    /// <exception cref="InputException">The file cannot be read or written.</exception>
    public static string SaltOf(RunFolder run)
    {
        var file = run.File(SaltName);
        if (File.Exists(file))
            return TextFile.Read(file).TrimEnd('\n');
        var salt = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SaltBytes));
        AtomicFile.WriteText(file, salt + "\n");
        return salt;
    }

    /// <summary>Method and settings of a forget run.</summary>
    /// <exception cref="InputException">The folder is not one.</exception>
    private static Dictionary<string, string> MethodOf(string forgetRun)
    {
        var path = Path.Combine(forgetRun, "config.json");
        try
        {
            if (
                JsonNode.Parse(File.ReadAllText(path)) is JsonObject config
                && config["command"]?.GetValue<string>() is { } command
                && command.StartsWith("forget ", StringComparison.Ordinal)
            )
            {
                var record = Plain(config, name => name.StartsWith("--", StringComparison.Ordinal));
                record["method"] = command["forget ".Length..];
                return record;
            }
        }
        catch (Exception error)
            when (error is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            throw new InputException(
                $"{ForgetRun} {forgetRun}: its config.json cannot be read: {error.Message.ReplaceLineEndings(" ")}",
                error
            );
        }

        throw new InputException($"{ForgetRun} {forgetRun}: its config.json is not one of the forget command.");
    }

    private static Dictionary<string, string> Plain(JsonObject options, Func<string, bool> keep) =>
        options
            .Where(option => option.Value is not null && keep(option.Key))
            .ToDictionary(option => option.Key.TrimStart('-'), option => Text(option.Value!));

    private static string Text(JsonNode value) =>
        value switch
        {
            JsonArray list => string.Join(", ", list.OfType<JsonNode>().Select(Text)),
            JsonValue plain when plain.GetValueKind() == JsonValueKind.String => plain.GetValue<string>(),
            _ => value.ToJsonString(),
        };
}
