namespace Palimpsest.Inference;

/// <summary>Where a hosted model answers: any endpoint that speaks OpenAI's chat protocol, Ollama's and llama.cpp's
/// among them.</summary>
public sealed class HostedModelOptions
{
    /// <summary>The address, for example <c>http://localhost:11434</c>; without a path <c>/v1</c> is meant.</summary>
    public string Endpoint { get; set; } = "";

    /// <summary>The model's name at the endpoint.</summary>
    public string Model { get; set; } = "";

    /// <summary>The environment variable that holds the key; null for an endpoint without keys.</summary>
    public string? KeyVariable { get; set; }
}
