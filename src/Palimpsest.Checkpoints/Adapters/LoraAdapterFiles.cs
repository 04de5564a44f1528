namespace Palimpsest.Checkpoints;

/// <summary>Adapters as PEFT folders.</summary>
public static class LoraAdapterFiles
{
    extension(LoraAdapter)
    {
        /// <summary>Attaches an adapter from a PEFT folder.</summary>
        /// <exception cref="InputException">A file or tensor is missing or does not fit.</exception>
        public static LoraAdapter Load(CausalLM model, string folder, string name = "default") =>
            LoraFolder.Load(model, folder, name);
    }

    /// <summary>Writes adapter_config.json and adapter_model.safetensors.</summary>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public static void Save(this LoraAdapter adapter, string folder)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        LoraFolder.Save(adapter, adapter.Model, folder);
    }
}
