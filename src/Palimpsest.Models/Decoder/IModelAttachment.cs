namespace Palimpsest.Models;

/// <summary>Something that is attached to a model and goes along when the model is cloned, for example an
/// adapter.</summary>
public interface IModelAttachment
{
    /// <summary>Attaches an independent copy of itself to <paramref name="copy"/>, a clone of the model it is attached
    /// to.</summary>
    void CopyTo(CausalLM copy);

    /// <summary>What training changes of it, under stable names.</summary>
    IEnumerable<(string Name, TorchSharp.Modules.Parameter Value)> TrainableParameters => [];

    /// <summary>What belongs to them and training does not change, under stable names.</summary>
    IEnumerable<(string Name, Tensor Value)> Buffers => [];
}
