using System.Text.Json;
using Palimpsest.TestKit;

namespace Palimpsest.Unlearning.Tests;

public sealed class RenyiAccountantTests
{
    [Fact]
    public void Ten_full_steps_of_noise_ten_cost_at_most_what_the_classic_conversion_says()
    {
        var epsilon = RenyiAccountant.Epsilon(noise: 10, rate: 1, steps: 10, delta: 1e-5);
        Assert.InRange(epsilon, 1.308, 1.568);
        var classic = RenyiAccountant.Orders.Min(a =>
            10 * RenyiAccountant.Divergence(10, 1, a) + Math.Log(1e5) / (a - 1)
        );
        Assert.Equal(1.5674, classic, tolerance: 1e-3);
    }

    [Fact]
    public void Costs_rise_with_steps_and_rate_and_fall_with_noise()
    {
        double Of(double noise, double rate, int steps) => RenyiAccountant.Epsilon(noise, rate, steps, 1e-5);
        Assert.True(Of(1, 0.1, 100) < Of(1, 0.1, 200));
        Assert.True(Of(1, 0.1, 100) < Of(1, 0.2, 100));
        Assert.True(Of(2, 0.1, 100) < Of(1, 0.1, 100));
        Assert.Equal(0, Of(1, 0.1, 0));
        Assert.True(double.IsPositiveInfinity(Of(0, 0.1, 1)));
    }

    [Theory]
    [InlineData(1, 1e-12, 0.004, 2500, 1.7578125)]
    [InlineData(10, 1e-11, 0.004, 2500, 0.62530517578125)]
    [InlineData(1, 1e-5, 0.1, 100, 4.296875)]
    [InlineData(8, 1e-5, 0.5, 20, 1.66015625)]
    public void The_noise_of_a_budget_gives_the_budget_and_is_that_of_opacus(
        double epsilon,
        double delta,
        double rate,
        int steps,
        double opacus
    )
    {
        // Opacus stops within 0.01 below the budget, so that its noise is a little larger.
        var noise = RenyiAccountant.Noise(epsilon, delta, rate, steps);
        Assert.InRange(RenyiAccountant.Epsilon(noise, rate, steps, delta), 0.99 * epsilon, epsilon);
        Assert.InRange(noise, 0.99 * opacus, 1.001 * opacus);
    }

    [Fact, Trait("Category", "Golden")]
    public void Divergences_and_epsilons_equal_those_of_opacus()
    {
        var path = GoldenFolder.TryGet("privacy", "rdp.json");
        Assert.SkipWhen(path is null, "there is no golden of privacy");
        using var json = JsonDocument.Parse(File.ReadAllText(path!));
        foreach (var row in json.RootElement.GetProperty("rdp").EnumerateArray())
        {
            var steps = row.GetProperty("steps").GetInt32();
            foreach (
                var (order, expected) in row.GetProperty("orders")
                    .EnumerateArray()
                    .Zip(row.GetProperty("rdp").EnumerateArray(), (a, b) => (a.GetDouble(), b.GetDouble()))
            )
                AssertRelative(expected, steps * RenyiAccountant.Divergence(Noise(row), Rate(row), order), row, 1e-6);
        }

        foreach (var row in json.RootElement.GetProperty("epsilon").EnumerateArray())
        {
            var (steps, delta) = (row.GetProperty("steps").GetInt32(), row.GetProperty("delta").GetDouble());
            var expected = row.GetProperty("epsilon").GetDouble();
            AssertRelative(expected, RenyiAccountant.Epsilon(Noise(row), Rate(row), steps, delta), row, 1e-6);
        }
    }

    private static double Noise(JsonElement row) => row.GetProperty("noise_multiplier").GetDouble();

    private static double Rate(JsonElement row) => row.GetProperty("sample_rate").GetDouble();

    private static void AssertRelative(double expected, double actual, JsonElement row, double tolerance) =>
        Assert.True(
            Math.Abs(actual - expected) <= tolerance * Math.Abs(expected),
            $"expected {expected}, was {actual}: {row.GetRawText()[..80]}"
        );
}
