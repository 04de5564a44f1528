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

    private static readonly Dictionary<string, GgufType> GgufTypes = new()
    {
        ["float32"] = GgufType.F32,
        ["float16"] = GgufType.F16,
        ["bfloat16"] = GgufType.BF16,
        ["q8_0"] = GgufType.Q8_0,
        ["q4_0"] = GgufType.Q4_0,
    };

    private readonly Option<string?> _type;

    private readonly Option<string> _shard = new("--max-shard-size")
    {
        Description = "Most bytes per weight file. Default: 5GB.",
        HelpName = "size",
        DefaultValueFactory = _ => "5GB",
    };

    private CheckpointBinder(Command command, string description, IEnumerable<string> types)
    {
        _type = CommonOptions.Optional("--dtype", description, string.Join('|', types));
        command.With(_type, _shard);
    }

    /// <summary>Options of weights in a folder.</summary>
    public static CheckpointBinder AddTo(Command command) =>
        new(command, "Float type of the stored weights. Default: each tensor's own.", Types.Keys);

    /// <summary>Options of weights in a folder or a GGUF file.</summary>
    public static CheckpointBinder AddWithGgufTo(Command command) =>
        new(
            command,
            "Type of the stored weights; q8_0 and q4_0 are for GGUF files. Default: each tensor's own, in a GGUF file "
                + "float16.",
            GgufTypes.Keys
        );

    public CheckpointOptions Bind(ParseResult parsed) =>
        new()
        {
            Type = parsed.GetValue(_type) is { } name ? Of(Types, name) : null,
            MaxShardBytes = ByteSize.Parse(parsed.GetValue(_shard)!, _shard.Name),
        };

    public GgufExportOptions BindGguf(ParseResult parsed) =>
        new() { Type = Of(GgufTypes, parsed.GetValue(_type) ?? "float16") };

    private T Of<T>(Dictionary<string, T> types, string name) =>
        types.TryGetValue(name, out var type)
            ? type
            : throw new InputException($"{_type.Name}: '{name}' is not one of {string.Join(", ", types.Keys)}.");
}
