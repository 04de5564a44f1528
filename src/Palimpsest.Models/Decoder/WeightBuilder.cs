using System.Globalization;
using TorchSharp.Modules;

namespace Palimpsest.Models;

/// <summary>Makes a model's parameters and keeps the list of their names.</summary>
/// <param name="config">Sizes and variants.</param>
/// <param name="device">Where the parameters live.</param>
/// <param name="generator">Source of initial values (CPU); null leaves them unset.</param>
/// <param name="names">Names of the weights; those of the decoder's family where null.</param>
internal sealed class WeightBuilder(
    DecoderConfig config,
    Device device,
    Generator? generator,
    WeightNames? names = null
)
{
    private readonly double _residualDeviation = config.InitializerRange / Math.Sqrt(2.0 * config.Layers);

    /// <summary>The names of the family.</summary>
    public WeightNames Names { get; } = names ?? ModelFamilies.Of(config.Family).Names(config);

    /// <summary>True when the parameters are where the kernels of this project run.</summary>
    public bool OnCpu => device.type == DeviceType.CPU;

    /// <summary>Every parameter once, in the order of creation.</summary>
    public List<Parameter> Storages { get; } = [];

    /// <summary>Every weight under its name.</summary>
    public List<ParameterRef> References { get; } = [];

    /// <summary>Every linear map under its path.</summary>
    public List<ProjectionRef> Projections { get; } = [];

    /// <summary>The path of a block's module.</summary>
    public string Path(int layer, string module) =>
        string.Format(CultureInfo.InvariantCulture, Names.Block, layer) + module;

    /// <summary>The embedding of tokens, and the place where it is held; the head's own where the two are
    /// tied.</summary>
    public (Parameter Table, ProjectionSlot Slot) Embedding(string path, long rows, bool tied)
    {
        var table = Add(Normal(config.InitializerRange, rows, config.HiddenSize));
        var name = tied ? "head" : "embedding";
        var slot = new ProjectionSlot(name, new LinearProjection(name, table, shared: true));
        References.Add(new(path + ".weight", table, 0, rows, null, ModelComponent.Embedding) { Slot = slot });
        return (table, slot);
    }

    /// <summary>A table of embeddings.</summary>
    public Parameter Table(string path, long rows)
    {
        var table = Add(Normal(config.InitializerRange, rows, config.HiddenSize));
        References.Add(new(path + ".weight", table, 0, rows, null, ModelComponent.Embedding));
        return table;
    }

    /// <summary>A norm's parameter, filled with <paramref name="value"/>.</summary>
    public Parameter Norm(string name, long size, double value, int? layer)
    {
        var parameter = Add(full([size], value, dtype: ScalarType.Float32));
        References.Add(new(name, parameter, 0, size, layer, ModelComponent.Norm));
        return parameter;
    }

    /// <summary>One weight for the modules at <paramref name="paths"/>, stacked by rows.</summary>
    /// <param name="name">Name within the module tree.</param>
    /// <param name="paths">Module paths with their outputs, in the order of the rows.</param>
    /// <param name="inputs">Width of the input.</param>
    /// <param name="bias">Whether there is a bias.</param>
    /// <param name="place">Layer, component and expert.</param>
    /// <param name="residual">True for a weight whose output is added to the residual stream: its initial values are
    /// smaller.</param>
    public ProjectionSlot Linear(
        string name,
        IReadOnlyList<(string Path, long Rows)> paths,
        long inputs,
        bool bias,
        Place place,
        bool residual = false
    )
    {
        var outputs = paths.Sum(p => p.Rows);
        var weight = Add(Normal(residual ? _residualDeviation : config.InitializerRange, outputs, inputs));
        var biases = bias ? Add(zeros([outputs], dtype: ScalarType.Float32)) : null;
        var projection = new LinearProjection(name, weight, biases);
        var slot = new ProjectionSlot(name, projection);
        long row = 0;
        foreach (var (path, rows) in paths)
        {
            Name(path, slot, projection, (row, rows), place);
            row += rows;
        }

        return slot;
    }

    /// <summary>A head that is the embedding.</summary>
    public ProjectionSlot TiedHead(ProjectionSlot embedding)
    {
        Projections.Add(new(Names.Head, embedding, 0, embedding.Projection.OutFeatures, null, ModelComponent.Head));
        return embedding;
    }

    private void Name(
        string path,
        ProjectionSlot slot,
        LinearProjection projection,
        (long Start, long Count) rows,
        Place place
    )
    {
        var transposed = Names.Transposed && place.Layer is not null;
        References.Add(
            new(
                path + ".weight",
                projection.Weight,
                rows.Start,
                rows.Count,
                place.Layer,
                place.Component,
                place.Expert,
                transposed
            )
            {
                Slot = slot,
            }
        );
        if (projection.Bias is not null)
            References.Add(
                new(path + ".bias", projection.Bias, rows.Start, rows.Count, place.Layer, place.Component, place.Expert)
            );
        Projections.Add(
            new(path, slot, rows.Start, rows.Count, place.Layer, place.Component, place.Expert, transposed)
        );
    }

    private Tensor Normal(double deviation, params long[] shape) =>
        generator is null
            ? empty(shape, dtype: ScalarType.Float32, device: device)
            : randn(shape, dtype: ScalarType.Float32, generator: generator).mul_(deviation);

    private Parameter Add(Tensor value)
    {
        var parameter = new Parameter(value.to(device));
        parameter.DetachFromDisposeScope();
        Storages.Add(parameter);
        return parameter;
    }

    /// <summary>What a weight belongs to.</summary>
    internal readonly record struct Place(int? Layer, ModelComponent Component, int? Expert = null);
}
