namespace Palimpsest.Inference;

/// <summary>Which local model answers, and how.</summary>
public sealed class LocalModelOptions
{
    /// <summary>A model, as <c>palimpsest --model</c> takes it.</summary>
    public string Path { get; set; } = "";

    /// <summary>A PEFT adapter folder, or null.</summary>
    public string? Adapter { get; set; }

    /// <summary>What options that a request leaves out are.</summary>
    public GenerationOptions Generation { get; set; } = new();
}
