using TorchSharp.Modules;

namespace Palimpsest.Training.Tests;

/// <summary>A network of two layers, 5-4-3 with tanh between, with the losses and batches to train it.</summary>
internal sealed class TinyNet : nn.Module
{
    private readonly Linear _first = nn.Linear(5, 4);
    private readonly Linear _second = nn.Linear(4, 3);

    public TinyNet()
        : base("tiny")
    {
        register_module("0", _first);
        register_module("2", _second);
        using var grad = no_grad();
        using var random = new Generator(8, CPU);
        foreach (var parameter in parameters())
            parameter.copy_(randn(parameter.shape, generator: random));
    }

    public Tensor Forward(Tensor x) => _second.forward(_first.forward(x).tanh());

    public static Tensor X(int rows) => randn([rows, 5], generator: new Generator(9, CPU));

    public static Tensor Y(int rows) => arange(rows, dtype: ScalarType.Int64).remainder(3);

    /// <summary>Weights in one list.</summary>
    public float[] Weights() => [.. parameters().SelectMany(p => p.detach().data<float>().ToArray())];

    /// <summary>Mean cross entropy of rows "x" with classes "y".</summary>
    public sealed class Loss : IObjective<TrainableModule<TinyNet>>
    {
        Tensor IObjective<TrainableModule<TinyNet>>.Loss(
            TrainableModule<TinyNet> model,
            StepBatches batches,
            TrainStep step
        ) => nn.functional.cross_entropy(model.Module.Forward(batches.Values("x")), batches.Values("y"));
    }

    /// <summary>Equal parts of the rows, in order; the parts of numbers in <paramref name="empty"/> have no
    /// row.</summary>
    public sealed class Parts(Tensor x, Tensor y, int size, params int[] empty) : IBatchSource
    {
        public int BatchesPerEpoch => (int)(x.shape[0] / size);

        public StepBatches Batch(long index)
        {
            var (first, count) = (index % BatchesPerEpoch * size, empty.Contains((int)index) ? 0 : size);
            return new(
                new Dictionary<string, TokenBatch>(),
                new Dictionary<string, Tensor> { ["x"] = x.narrow(0, first, count), ["y"] = y.narrow(0, first, count) }
            );
        }
    }
}
