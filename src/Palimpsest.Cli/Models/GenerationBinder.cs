using System.CommandLine;
using Palimpsest.Inference;

namespace Palimpsest.Cli;

/// <summary>How text is generated, as command-line options.</summary>
internal sealed class GenerationBinder
{
    private readonly OptionBinder _settings;

    private readonly Option<string?> _kv = new("--kv")
    {
        Description =
            $"What the key-value cache holds: {string.Join(", ", KvPolicies.All.Select(entry => entry.Id))}, "
            + "with settings in brackets and joined by +, for example \"snapkv(budget=0.2)+kivi(bits=4)\". Default: "
            + "the whole of it. 'palimpsest kv list' explains them.",
        HelpName = "policy",
    };

    private GenerationBinder(Command command)
    {
        command.Options.Add(_kv);
        _settings = OptionBinder.AddTo(command, typeof(GenerationOptions));
    }

    public static GenerationBinder AddTo(Command command) => new(command);

    /// <summary>What was typed after --kv; null for nothing.</summary>
    public string? Policy(ParseResult parsed) => parsed.GetValue(_kv);

    /// <summary>The settings.</summary>
    /// <exception cref="InputException">A value is not of its type or outside its range, or the policy is not
    /// known.</exception>
    public GenerationOptions Bind(ParseResult parsed) =>
        (GenerationOptions)_settings.Bind(parsed) with
        {
            KvPolicy = parsed.GetValue(_kv) is { } policy ? KvPolicyExpression.Parse(policy) : null,
        };
}
