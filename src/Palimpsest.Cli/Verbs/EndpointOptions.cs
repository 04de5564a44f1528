using System.CommandLine;
using Palimpsest.Inference;

namespace Palimpsest.Cli.Verbs;

/// <summary>The options that name a hosted model for one purpose: <c>--judge-endpoint</c>, <c>--judge-model</c>,
/// <c>--judge-key-env</c>.</summary>
internal sealed class EndpointOptions
{
    private readonly Option<string?> _endpoint;
    private readonly Option<string?> _model;
    private readonly Option<string?> _key;

    /// <summary>Adds the three options to a command.</summary>
    /// <param name="command">Gets the options.</param>
    /// <param name="purpose">Begins their names.</param>
    /// <param name="description">What the model does.</param>
    public EndpointOptions(Command command, string purpose, string description)
    {
        _endpoint = CommonOptions.Optional(
            $"--{purpose}-endpoint",
            $"{description}: the address of an OpenAI-compatible or Ollama server.",
            "url"
        );
        _model = CommonOptions.Optional(
            $"--{purpose}-model",
            $"Name of the {purpose}'s model at that address.",
            "name"
        );
        _key = CommonOptions.Optional(
            $"--{purpose}-key-env",
            $"Environment variable that holds the {purpose}'s key.",
            "variable"
        );
        command.With(_endpoint, _model, _key);
    }

    /// <summary>The client, or null when no address is given.</summary>
    /// <exception cref="InputException">A model or key without an address, or an address without a model.</exception>
    public HostedChatClient? Connect(ParseResult parsed)
    {
        if (parsed.GetValue(_endpoint) is not { } endpoint)
        {
            return parsed.GetValue(_model) is null && parsed.GetValue(_key) is null
                ? null
                : throw new InputException($"{_model.Name} and {_key.Name} need {_endpoint.Name}.");
        }

        return parsed.GetValue(_model) is { } model
            ? HostedChatClient.Connect(
                new()
                {
                    Endpoint = endpoint,
                    Model = model,
                    KeyVariable = parsed.GetValue(_key),
                }
            )
            : throw new InputException($"{_endpoint.Name} needs {_model.Name}.");
    }

    /// <summary>The model's name for tables.</summary>
    public string? ModelName(ParseResult parsed) => parsed.GetValue(_model);
}
