namespace Palimpsest.Evaluation;

/// <summary>Multinomial logistic regression on given features: what a linear reader gets out of hidden
/// states.</summary>
/// <remarks>
/// Features are standardised by the training rows. Minimised is Σ −log p(class) + penalty/2 · ‖W‖², by accelerated
/// gradient steps on the dual weights A (W = XᵀA), so that the cost does not grow with the width of the features.
/// </remarks>
public static class LinearProbe
{
    private const int Steps = 300;
    private const double LeastDeviation = 1e-6;

    /// <summary>Trains a probe and predicts.</summary>
    /// <param name="train">Features [N, D] float64.</param>
    /// <param name="classes">The class of each, in [0, K).</param>
    /// <param name="test">Features [M, D] float64.</param>
    /// <param name="penalty">Weight of the squared norm, above 0.</param>
    /// <returns>The predicted class of each test row, M in all.</returns>
    /// <exception cref="ArgumentException">Classes and training rows differ in number.</exception>
    public static int[] Predict(Tensor train, IReadOnlyList<int> classes, Tensor test, double penalty = 1)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(test);
        Require.InRange(penalty, above: 0, atMost: 1e12, name: nameof(penalty));
        if (classes.Count != train.shape[0])
            throw new ArgumentException($"{classes.Count} classes for {train.shape[0]} rows.", nameof(classes));
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var mean = train.mean([0], keepdim: true);
        var deviation = (train - mean).square().mean([0], keepdim: true).sqrt().clamp_min(LeastDeviation);
        var (x, z) = ((train - mean) / deviation, (test - mean) / deviation);
        var target = nn
            .functional.one_hot(tensor(classes.Select(of => (long)of).ToArray()), classes.Max() + 1)
            .to(ScalarType.Float64);
        var dual = Fit(x.mm(x.t()) + 1, target, penalty); // + 1: a constant feature
        var scores = (z.mm(x.t()) + 1).mm(dual); // [M, K]
        return [.. scores.argmax(-1).cpu().data<long>().ToArray().Select(of => (int)of)];
    }

    // One step on A is one gradient step on W; the curvature is at most half the largest eigenvalue of XXᵀ.
    private static Tensor Fit(Tensor gram, Tensor target, double penalty)
    {
        using var scope = NewDisposeScope();
        var step = 1 / (linalg.eigvalsh(gram).max().item<double>() / 2 + penalty);
        var (weights, ahead, speed) = (zeros_like(target), zeros_like(target), 1.0);
        for (var i = 0; i < Steps; i++)
        {
            using var inner = NewDisposeScope();
            var error = nn.functional.softmax(gram.mm(ahead), -1) - target; // [N, K]
            var next = ahead - step * (error + penalty * ahead);
            var faster = (1 + Math.Sqrt(1 + 4 * speed * speed)) / 2;
            ahead = (next + (speed - 1) / faster * (next - weights)).MoveToOuterDisposeScope();
            (weights, speed) = (next.MoveToOuterDisposeScope(), faster);
        }

        return weights.MoveToOuterDisposeScope();
    }
}
