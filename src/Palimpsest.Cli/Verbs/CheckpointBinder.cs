using System.CommandLine;

namespace Palimpsest.Cli.Verbs;

/// <summary>How weights are written, as command-line options.</summary>
internal sealed class CheckpointBinder
{
    private static readonly Dictionary<string, torch.ScalarType> Types = new()
    {
        ["float32"] = torch.ScalarType.Float32,
        ["float16"] = torch.ScalarType.Float16,
        ["bfloat16"] = torch.ScalarType.BFloat16,
    };

    private readonly Option<string?> _type = CommonOptions.Optional(
        "--dtype", "Float type of the stored weights. Default: each tensor's own.", string.Join('|', Types.Keys));

    private readonly Option<string> _shard = new("--max-shard-size")
    {
        Description = "Most bytes per weight file. Default: 5GB.",
        HelpName = "size",
        DefaultValueFactory = _ => "5GB",
    };

    private CheckpointBinder(Command command) => command.With(_type, _shard);

    public static CheckpointBinder AddTo(Command command) => new(command);

    public CheckpointOptions Bind(ParseResult parsed) => new()
    {
        Type = parsed.GetValue(_type) is not { } name ? null
            : Types.TryGetValue(name, out var type) ? type
            : throw new InputException($"{_type.Name}: '{name}' is not one of {string.Join(", ", Types.Keys)}."),
        MaxShardBytes = ByteSize.Parse(parsed.GetValue(_shard)!, _shard.Name),
    };
}
