using System.Text.Json;
using Palimpsest.TestKit;

namespace Palimpsest.Unlearning.Tests;

public sealed class InvertedHingeTests
{
    [Fact]
    public void Probabilities_0_5_0_3_0_2_give_1_2_and_the_gradient_of_the_sheet()
    {
        using var scope = NewDisposeScope();
        var (loss, gradient) = Of(0.5f, 0.3f, 0.2f);
        Assert.Equal(1.2f, loss, tolerance: 1e-6f);
        Assert.Equal(0.40f, gradient[0], tolerance: 1e-6f);
        Assert.Equal(-0.36f, gradient[1], tolerance: 1e-6f);
        Assert.Equal(-0.04f, gradient[2], tolerance: 1e-6f);
    }

    [Fact]
    public void A_sure_right_token_costs_two_and_a_sure_wrong_one_nothing()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(2, Of(1, 1e-30f, 1e-30f).Loss, tolerance: 1e-6f);
        Assert.Equal(0, Of(1e-30f, 1, 1e-30f).Loss, tolerance: 1e-6f);
    }

    [Fact, Trait("Category", "Golden")]
    public void Tokens_mean_and_gradients_equal_the_authors()
    {
        var folder = GoldenFolder.Shipped("systems", "loku");
        using var scope = NewDisposeScope();
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "reference.json")));
        using var tensors = SafetensorsFile.Open(Path.Combine(folder, "reference.safetensors"));
        var (forget, retain) = (FlatTests.Scored(tensors, "ihl.forget"), FlatTests.Scored(tensors, "ihl.retain"));
        Assert.True(allclose(InvertedHinge.PerToken(forget), tensors.Read("ihl.per_token"), rtol: 1e-4, atol: 1e-5));
        var options = new InvertedHingeOptions { Retain = RetainTerm.Nll };
        var loss = UnlearningLoss.Of(new InvertedHinge(), options, new(forget, null, retain));
        loss.backward();
        Assert.Equal(json.RootElement.GetProperty("ihl").GetProperty("total").GetDouble(), loss.item<float>(), 1e-4);
        foreach (var (batch, part) in new[] { (forget, "forget"), (retain, "retain") })
            Assert.True(
                allclose(batch.Logits!.grad!, tensors.Read($"ihl.grad_{part}_logits"), rtol: 1e-4, atol: 1e-5),
                part
            );
    }

    private static (float Loss, float[] Gradient) Of(params float[] probabilities)
    {
        var logits = tensor(probabilities).log().expand(1, 2, 3).clone().requires_grad_(true);
        var mask = tensor(new[] { false, true }, [1, 2]);
        var batch = ScoredBatch.FromLogits(new(zeros([1, 2], ScalarType.Int64), ones_like(mask), mask, [0]), logits);
        var loss = new InvertedHinge().Loss(new(batch));
        loss.backward();
        return (loss.item<float>(), logits.grad!.select(1, 0).reshape(-1).data<float>().ToArray());
    }
}
