namespace Palimpsest.Reproductions;

/// <summary>How far gradient ascent and negative preference optimisation travel on the authors' classifier.</summary>
/// <remarks>
/// T is the first step at which NPO's mean weight W = 2σ(βr) over the forget points has fallen to one half: before
/// that nothing brakes, and both grow alike.
/// </remarks>
internal static class NpoToy
{
    /// <summary>The ascent's arm.</summary>
    public const string Ascent = "toy ga";

    /// <summary>The arm of NPO with β = 1.</summary>
    public const string Npo = "toy npo";

    /// <summary>Distance after 8T over that after T.</summary>
    public const string Growth = "distance after 8T / after T";

    /// <summary>The same from step 100 on, whatever the weight is then.</summary>
    public const string EarlyGrowth = "distance after step 800 / after step 100";

    /// <summary>Mean NLL of the retain points after T steps.</summary>
    public const string RetainAtT = "retain NLL after T";

    /// <summary>Mean NLL of the retain points after 8T steps.</summary>
    public const string RetainAt8T = "retain NLL after 8T";

    private const double LearningRate = 0.05;
    private const double HalfWeight = 0.5;
    private const int MostSteps = 4000;

    /// <summary>Measures a seed.</summary>
    public static IEnumerable<Measurement> Measure(ulong seed)
    {
        var toy = new RandomFeatureModel(seed, LearningRate, steps: 5000);
        var start = HalvedAt(toy);
        int[] steps = [start, 8 * start],
            early = [100, 800];
        yield return new(Npo, "T, at which the mean weight is one half", start);
        foreach (var (name, weight) in new[] { (Ascent, Always), (Npo, Braked(1)) })
        {
            var path = toy.Unlearn(LearningRate, steps, weight);
            yield return new(name, Growth, path[1].Distance / path[0].Distance);
            yield return new(name, RetainAtT, path[0].RetainNll);
            yield return new(name, RetainAt8T, path[1].RetainNll);
            var before = toy.Unlearn(LearningRate, early, weight);
            yield return new(name, EarlyGrowth, before[1].Distance / before[0].Distance);
        }

        var ascent = toy.Unlearn(LearningRate, steps, Always);
        yield return new(
            "toy npo, β 0.001",
            "distance from ga's path, as a share",
            toy.Unlearn(LearningRate, steps, Braked(0.001))
                .Zip(ascent, (a, b) => Math.Abs(a.Distance - b.Distance) / b.Distance)
                .Max()
        );
    }

    private static double Always(double logRatio) => 1;

    private static Func<double, double> Braked(double beta) => logRatio => 2 / (1 + Math.Exp(-beta * logRatio));

    private static int HalvedAt(RandomFeatureModel toy)
    {
        var weight = Braked(1);
        var (points, sum, halved) = (0, 0.0, MostSteps);
        toy.Unlearn(
            LearningRate,
            [MostSteps],
            logRatio =>
            {
                var of = weight(logRatio);
                sum += of;
                if (++points % RandomFeatureModel.ForgetCount == 0)
                {
                    if (sum <= HalfWeight * RandomFeatureModel.ForgetCount)
                        halved = Math.Min(halved, points / RandomFeatureModel.ForgetCount);
                    sum = 0;
                }

                return of;
            }
        );
        return halved;
    }
}
