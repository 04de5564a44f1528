using TorchSharp.Modules;

namespace Palimpsest.Models;

/// <summary>What a trainer can train: a decoder, an encoder, a small network.</summary>
public interface ITrainable
{
    /// <summary>Every parameter that training changes, under names that stay the same from run to run.</summary>
    IReadOnlyList<(string Name, Parameter Value)> TrainableParameters { get; }

    /// <summary>What belongs to <see cref="TrainableParameters"/> and training does not change, for example which
    /// columns a sparse weight has: checkpoints hold it and put it back.</summary>
    IReadOnlyList<(string Name, Tensor Value)> Buffers => [];

    /// <summary>Every weight under its own name; several can share one parameter (fused weights).</summary>
    IReadOnlyList<ParameterRef> ParameterRefs { get; }

    /// <summary>True while layers that differ between training and use, such as dropout, behave as in
    /// training.</summary>
    bool IsTraining { get; set; }
}
