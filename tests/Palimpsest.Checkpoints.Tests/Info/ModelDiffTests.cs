using Palimpsest.TestKit;

namespace Palimpsest.Checkpoints.Tests;

public sealed class ModelDiffTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Distances_are_those_by_hand_and_say_where_a_model_changed()
    {
        using var model = new CausalLM(DecoderConfig.TinyLlama(20, 8, 2, 2, 1, 12), seed: 1);
        var changed = model.ParameterRefs.Single(r => r.Name == "model.layers.1.mlp.down_proj.weight");
        Set(changed, 3, 0); // A = (3, 0, 0, …)
        ModelFolder.Save(model, _folder.File("a"));
        Set(changed, 3, 4); // B = (3, 4, 0, …)
        ModelFolder.Save(model, _folder.File("b"));
        var diff = ModelDiff.Compare(_folder.File("a"), _folder.File("b"));
        var tensor = diff.Tensors.Single(t => t.Name == changed.Name);
        Assert.Equal(new(96, 4.0 / 3, 4, 0.6), tensor.Difference);
        Assert.All(
            diff.Tensors.Where(t => t != tensor),
            t => Assert.Equal((0, 0), (t.Difference.RelativeNorm, t.Difference.MaxAbsolute))
        );
        Assert.Equal([0, 1, null], diff.Layers.Select(l => l.Layer));
        Assert.Equal([0, 1, 0], diff.Layers.Select(l => l.Changed));
        Assert.Equal("mlp", diff.Components.Single(c => c.Changed > 0).Component);
        Assert.Equal(
            (1, "mlp"),
            diff.LayerComponents.Where(g => g.Changed > 0).Select(g => (g.Layer!.Value, g.Component)).Single()
        );
        Assert.Equal(4.0 / Math.Sqrt(SquareSum(_folder.File("a"))), diff.Total.Difference.RelativeNorm, 1e-9);
    }

    [Fact]
    public void A_model_is_equal_to_itself_in_another_split_and_type_that_holds_it()
    {
        using var model = new CausalLM(DecoderConfig.TinyLlama(20, 8, 1, 2, 1, 12), seed: 1);
        ModelFolder.Save(model, _folder.File("a"), ScalarType.BFloat16);
        ModelConverter.Run(
            _folder.File("a"),
            _folder.File("b"),
            new() { Type = ScalarType.Float32, MaxShardBytes = 500 },
            []
        );
        var diff = ModelDiff.Compare(_folder.File("a"), _folder.File("b"));
        Assert.Equal(0, diff.Total.Changed);
        Assert.Equal(1, diff.Total.Difference.Cosine, 1e-12);
    }

    private static void Set(ParameterRef reference, float first, float second)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var flat = reference.Value().zero_().view(-1);
        flat[0] = first;
        flat[1] = second;
    }

    private static double SquareSum(string folder)
    {
        using var scope = NewDisposeScope();
        using var weights = WeightFiles.Open(folder);
        return weights.Names.Sum(name => weights.Read(name).to(ScalarType.Float64).square().sum().item<double>());
    }
}
