namespace Palimpsest.Reproductions;

/// <summary>
/// The classifier on which the theory of negative preference optimisation is checked: p(class 0 | x) = σ(⟨a, relu(W
/// x)⟩), of which the readout a alone is trained. Zhang et al. 2024, arXiv:2404.05868, section on the toy problem.
/// </summary>
/// <remarks>
/// d = 16 inputs, 48 features, W ~ N(0, 1/d). 1000 retain inputs around −1 and 80 forget inputs around +1, their
/// labels drawn from opposite logistic rules. Float64; plain gradient descent on full batches.
/// </remarks>
internal sealed class RandomFeatureModel
{
    /// <summary>Points to be forgotten.</summary>
    public const int ForgetCount = 80;

    private const int Inputs = 16,
        Features = 48,
        RetainCount = 1000;
    private readonly (double[][] Features, double[] Signs) _retain;
    private readonly (double[][] Features, double[] Signs) _forget;
    private readonly double[] _start;
    private readonly SeededRandom _random;

    /// <summary>Draws data and features and fits the readout to all data.</summary>
    /// <param name="seed">Seed of everything that is drawn.</param>
    /// <param name="learningRate">Learning rate of the fit.</param>
    /// <param name="steps">Steps of the fit.</param>
    public RandomFeatureModel(ulong seed, double learningRate, int steps)
    {
        _random = new(SeededRandom.Derive(seed, 17));
        var weight = Enumerable.Range(0, Features).Select(_ => Vector(0, 1 / Math.Sqrt(Inputs))).ToArray();
        var rule = Vector(0, 1);
        _retain = Draw(RetainCount, centre: -1, rule, weight, sign: 1);
        _forget = Draw(ForgetCount, centre: 1, rule, weight, sign: -1);
        (double[][] Features, double[] Signs) all = (
            [.. _retain.Features, .. _forget.Features],
            [.. _retain.Signs, .. _forget.Signs]
        );
        _start = new double[Features];
        for (var step = 0; step < steps; step++)
            Move(_start, all, learningRate, _ => -1);
    }

    /// <summary>Unlearns from the fitted readout and says how far it went.</summary>
    /// <param name="learningRate">Learning rate.</param>
    /// <param name="at">Steps at which the distance is taken, ascending.</param>
    /// <param name="weight">Weight of a forget point's ascent, from r = log p / p_start of its label; 1 is gradient
    /// ascent.</param>
    /// <returns>Distance of the readout from the start and mean NLL of the retain points, at each of the
    /// steps.</returns>
    public IReadOnlyList<(double Distance, double RetainNll)> Unlearn(
        double learningRate,
        IReadOnlyList<int> at,
        Func<double, double> weight
    )
    {
        var readout = (double[])_start.Clone();
        double[] reference = [.. _forget.Features.Zip(_forget.Signs, (x, sign) => LogProbability(_start, x, sign))];
        var results = new List<(double, double)>();
        for (var step = 1; step <= at[^1]; step++)
        {
            double[] weights =
            [
                .. _forget.Features.Select(
                    (x, i) => weight(LogProbability(readout, x, _forget.Signs[i]) - reference[i])
                ),
            ];
            Move(readout, _forget, learningRate, i => weights[i]);
            if (at.Contains(step))
            {
                results.Add(
                    (
                        Math.Sqrt(readout.Zip(_start, (a, b) => (a - b) * (a - b)).Sum()),
                        -_retain.Features.Zip(_retain.Signs, (x, sign) => LogProbability(readout, x, sign)).Average()
                    )
                );
            }
        }

        return results;
    }

    // a −= rate · mean over points of weight · ∇ log p(label).
    private static void Move(
        double[] readout,
        (double[][] Features, double[] Signs) data,
        double rate,
        Func<int, double> weight
    )
    {
        var gradient = new double[Features];
        for (var i = 0; i < data.Signs.Length; i++)
        {
            var factor =
                weight(i)
                * data.Signs[i]
                * (1 - Math.Exp(LogProbability(readout, data.Features[i], data.Signs[i])))
                / data.Signs.Length;
            for (var j = 0; j < Features; j++)
                gradient[j] += factor * data.Features[i][j];
        }

        for (var j = 0; j < Features; j++)
            readout[j] -= rate * gradient[j];
    }

    private static double LogProbability(double[] readout, double[] features, double sign)
    {
        var margin = 0.0;
        for (var j = 0; j < Features; j++)
            margin += readout[j] * features[j];
        margin *= sign;
        return Math.Min(margin, 0) - Math.Log(1 + Math.Exp(-Math.Abs(margin)));
    }

    private (double[][] Features, double[] Signs) Draw(
        int count,
        double centre,
        double[] rule,
        double[][] weight,
        double sign
    )
    {
        var (features, signs) = (new double[count][], new double[count]);
        for (var i = 0; i < count; i++)
        {
            var input = Vector(centre, 1);
            features[i] = [.. weight.Select(w => Math.Max(0, w.Zip(input, (a, b) => a * b).Sum()))];
            var logit = sign * rule.Zip(input, (a, b) => a * b).Sum();
            signs[i] = _random.Unit() < 1 / (1 + Math.Exp(-logit)) ? 1 : -1;
        }

        return (features, signs);
    }

    private double[] Vector(double mean, double deviation) =>
        [.. Enumerable.Range(0, Inputs).Select(_ => mean + deviation * Normal())];

    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - _random.Unit())) * Math.Cos(2 * Math.PI * _random.Unit());
}
