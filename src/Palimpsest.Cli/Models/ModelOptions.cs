using Palimpsest.Inference;
using Palimpsest.Unlearning;

namespace Palimpsest.Cli;

/// <summary>The model that a command works on and how it is held; other models of the command are held the same
/// way.</summary>
/// <param name="Path">A Hugging Face folder, a GGUF file, or what a method of unlearning wrote.</param>
/// <param name="Adapter">A PEFT folder on top of it, or null.</param>
/// <param name="Device">Where weights go.</param>
/// <param name="Weights">How the blocks' weights are held; null for float32.</param>
internal sealed record ModelOptions(string Path, string? Adapter, Device Device, QuantizeOptions? Weights)
{
    /// <summary>Loads the model with its adapter, or the models that answer as one.</summary>
    /// <exception cref="InputException">A file is missing or malformed, or does not fit the others.</exception>
    public GeneratingModel Load(CancellationToken cancellationToken) => Load(Path, Adapter, cancellationToken);

    /// <summary>Loads a model that is one, and not several that answer as one.</summary>
    /// <param name="reason">Why it has to be one, a sentence without its full stop.</param>
    /// <param name="cancellationToken">Stops between weights.</param>
    /// <exception cref="InputException">A file is missing or malformed, or several models answer as one.</exception>
    public LanguageModel LoadOne(string reason, CancellationToken cancellationToken)
    {
        var loaded = Load(cancellationToken);
        if (loaded is LanguageModel one)
            return one;
        loaded.Dispose();
        throw new InputException($"{Path}: several models answer as one; {reason}.");
    }

    /// <summary>Loads another model of the command, without an adapter.</summary>
    /// <exception cref="InputException">A file is missing or malformed.</exception>
    public GeneratingModel LoadOther(string path, CancellationToken cancellationToken) =>
        Load(path, null, cancellationToken);

    /// <summary>Loads the model with the adapter's update in its weights, so that they can be trained, rounded and
    /// written as those of any model.</summary>
    /// <exception cref="InputException">A file is missing or malformed, or the weights are held as codes, which take no
    /// update.</exception>
    public LanguageModel LoadMerged(CancellationToken cancellationToken)
    {
        LanguageModel Loaded() => LanguageModel.Load(Path, Adapter, Device, Weights, null, cancellationToken);
        RequireOneModel();
        if (Adapter is null)
            return Loaded();
        RequireDense("--adapter is merged into the weights");
        using var carrying = Loaded();
        var merged = carrying.Decoder.CloneFrozen();
        // A record of the update keeps the same adapter from being added twice.
        merged.Source = merged.Source is { } source
            ? source with
            {
                MergedAdapters = [.. source.MergedAdapters, AdapterFingerprint.Of(Adapter)],
            }
            : null;
        foreach (var parameter in merged.parameters())
            parameter.requires_grad_(true);
        return (LanguageModel)carrying.WithDecoder(merged, carrying.Name);
    }

    /// <summary>Refuses weights that are held as codes.</summary>
    /// <param name="reason">What is done with the weights, a sentence.</param>
    /// <exception cref="InputException">They are.</exception>
    public void RequireDense(string reason)
    {
        if (Weights is not null)
            throw new InputException($"--weights: {reason}, which needs dense ones; leave it out.");
    }

    // An adapter's folder stands for its base with the adapter: what is changed here would be of neither.
    private void RequireOneModel()
    {
        if (ResultFolder.Resolve(Path, null) is { Adapter: { } adapter, Model: { } under })
            throw new InputException(
                $"--model {Path}: is an adapter; merge it first: palimpsest model convert {under} --adapter {adapter}."
            );
    }

    private GeneratingModel Load(string path, string? adapter, CancellationToken cancellationToken) =>
        StoredModel.Load(path, adapter, Device, Weights, cancellationToken);
}
