namespace Palimpsest.Models;

/// <summary>Reads and writes Hugging Face model folders.</summary>
public static class ModelFolder
{
    /// <summary>Loads config.json and the weights, single or sharded, converted to float32.</summary>
    /// <exception cref="InputException">The folder, a file, a tensor or a field is missing or does not fit.</exception>
    public static CausalLM Load(string folder, Device? device = null, IProgress<TaskProgress>? progress = null, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <summary>Writes config.json, generation_config.json and model.safetensors so that transformers would read them.</summary>
    public static void Save(CausalLM model, string folder, ScalarType? dtype = null, long maxShardBytes = 5_000_000_000) =>
        throw new NotImplementedException();

    /// <summary>Reads config.json alone.</summary>
    public static DecoderConfig ReadConfig(string folder) => throw new NotImplementedException();
}
