using System.Text.Json;
using Palimpsest.TestKit;

namespace Palimpsest.Unlearning.Tests;

public sealed class FlatTests
{
    [Theory]
    [InlineData(FlatDivergence.TotalVariation, 0.259461, -0.480521, 0.243459)]
    [InlineData(FlatDivergence.KullbackLeibler, 0.704837, -1, 0.904837)]
    [InlineData(FlatDivergence.JensenShannon, 0.452998, -0.450166, 0.710950)]
    [InlineData(FlatDivergence.Pearson, 0.902500, -1, 1.450000)]
    [InlineData(FlatDivergence.ReverseKullbackLeibler, -0.678597, 1.221403, -1)]
    [InlineData(FlatDivergence.SquaredHellinger, -0.372028, 1.221403, -0.406570)]
    [InlineData(FlatDivergence.Neyman, -0.915222, 1.221403, -1.568312)]
    [InlineData(FlatDivergence.Jeffrey, 0.948063, -1, 1.601875)]
    public void Value_and_slopes_at_template_0_2_and_forget_0_9(
        FlatDivergence divergence,
        double value,
        double e,
        double f
    )
    {
        using var scope = NewDisposeScope();
        var (template, forget) = (tensor(0.2).requires_grad_(true), tensor(0.9).requires_grad_(true));
        var loss = Flat.Value(divergence, template, forget);
        loss.backward();
        Assert.Equal(value, loss.item<double>(), tolerance: 1e-5);
        Assert.Equal(e, template.grad!.item<double>(), tolerance: 1e-5);
        Assert.Equal(f, forget.grad!.item<double>(), tolerance: 1e-5);
    }

    [Fact]
    public void A_template_equal_to_the_answer_gives_no_loss_and_no_gradient_by_total_variation()
    {
        using var scope = NewDisposeScope();
        var nll = tensor(new[] { 0.3, 0.7 }, [2, 1]).to(ScalarType.Float32).requires_grad_(true);
        var batch = ScoredBatch.Of([0.3, 0.7], []) with { TokenNll = nll };
        var loss = new Flat(new()).Loss(new(batch, batch));
        loss.backward();
        Assert.Equal(0, loss.item<float>());
        Assert.Equal(0, nll.grad!.abs().max().item<float>());
    }

    [Theory]
    [InlineData(FlatMean.Batch, true)]
    [InlineData(FlatMean.PerItem, true)]
    [InlineData(FlatMean.Padded, false)]
    public void Padding_and_a_longer_question_change_the_loss_of_the_authors_mean_alone(FlatMean mean, bool same)
    {
        using var scope = NewDisposeScope();
        var loss = new Flat(new() { Mean = mean });
        float Of(int before, int after)
        {
            var (mask, nll) = (new bool[before + 2 + after], new float[before + 2 + after]);
            (mask[before], mask[before + 1], nll[before], nll[before + 1]) = (true, true, 0.5f, 1.5f);
            var labels = tensor(mask, [1, mask.Length]);
            ScoredBatch Batch(float factor) =>
                new(
                    new(zeros_like(labels, ScalarType.Int64), labels, labels, [0]),
                    tensor(nll, [1, nll.Length]) * factor
                );
            return loss.Loss(new(Batch(1), Batch(0.5f))).item<float>();
        }

        Assert.Equal(same, Math.Abs(Of(2, 0) - Of(2, 50)) < 1e-6);
        Assert.Equal(same, Math.Abs(Of(2, 0) - Of(9, 0)) < 1e-6);
    }

    [Theory, Trait("Category", "Golden")]
    [InlineData(FlatDivergence.TotalVariation, "Total-Variation")]
    [InlineData(FlatDivergence.KullbackLeibler, "KL")]
    [InlineData(FlatDivergence.JensenShannon, "Jenson-Shannon")]
    [InlineData(FlatDivergence.Pearson, "Pearson")]
    [InlineData(FlatDivergence.ReverseKullbackLeibler, "Reverse-KL")]
    [InlineData(FlatDivergence.SquaredHellinger, "Squared-Hellinger")]
    [InlineData(FlatDivergence.Jeffrey, "Jeffrey")]
    public void All_three_means_and_logit_gradients_equal_the_authors(FlatDivergence divergence, string name)
    {
        // Neyman is left out: the authors' h is not composed with g.
        var folder = GoldenFolder.Shipped("systems", "flat");
        using var scope = NewDisposeScope();
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "reference.json")));
        using var tensors = SafetensorsFile.Open(Path.Combine(folder, "reference.safetensors"));
        foreach (
            var (mean, key) in new[]
            {
                (FlatMean.Batch, "loss_masked_mean"),
                (FlatMean.PerItem, "loss_per_item"),
                (FlatMean.Padded, "loss"),
            }
        )
        {
            var (forget, template) = (Scored(tensors, "forget"), Scored(tensors, "template"));
            var loss = new Flat(new() { Divergence = divergence, Mean = mean }).Loss(new(forget, template));
            Assert.Equal(json.RootElement.GetProperty(key).GetProperty(name).GetDouble(), loss.item<float>(), 1e-5);
            if (mean != FlatMean.Padded)
                continue;
            loss.backward();
            var prefix = $"cl.{name.ToLowerInvariant().Replace('-', '_')}.grad_";
            foreach (var (batch, part) in new[] { (forget, "forget"), (template, "template") })
                Assert.True(
                    allclose(batch.Logits!.grad!, tensors.Read($"{prefix}{part}_logits"), rtol: 1e-4, atol: 1e-6),
                    $"{name} {part}"
                );
        }
    }

    internal static ScoredBatch Scored(SafetensorsFile tensors, string name)
    {
        var ids = tensors.Read($"{name}.input_ids");
        var labels = tensors.Read($"{name}.labels").ne(-100);
        labels.select(1, 0).fill_(false);
        var mask = tensors.Read($"{name}.attention_mask").to(ScalarType.Bool);
        return ScoredBatch.FromLogits(
            new(ids, mask, labels, [.. Enumerable.Range(0, (int)ids.shape[0])]),
            tensors.Read($"{name}.logits").requires_grad_(true)
        );
    }
}
