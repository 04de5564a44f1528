namespace Palimpsest.Training;

/// <summary>Settings of the optimiser.</summary>
public sealed record OptimizerOptions
{
    /// <summary>The update rule.</summary>
    public OptimizerKind Kind { get; init; } = OptimizerKind.AdamW;

    /// <summary>Peak learning rate.</summary>
    public double LearningRate
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1e3);
    } = 1e-3;

    /// <summary>Decoupled weight decay.</summary>
    public double WeightDecay
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 10);
    } = 0.01;

    /// <summary>First-moment decay.</summary>
    public double Beta1
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 0.999999);
    } = 0.9;

    /// <summary>Second-moment decay.</summary>
    public double Beta2
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 0.9999999);
    } = 0.999;

    /// <summary>Added to the root of the second moment.</summary>
    public double Epsilon
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 1);
    } = 1e-8;

    /// <summary>Momentum of SGD.</summary>
    public double Momentum
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 0.999999);
    }
}
