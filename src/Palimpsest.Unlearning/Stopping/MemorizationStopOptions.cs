namespace Palimpsest.Unlearning;

/// <summary>Settings of <see cref="MemorizationStop"/>.</summary>
public sealed record MemorizationStopOptions
{
    /// <summary>Tokens of an n-gram of the extraction likelihood, at least 1.</summary>
    public int Ngram
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 10;

    /// <summary>The extraction likelihood is measured once the accuracy is no more than this above its threshold, in
    /// [0, 1].</summary>
    public double Margin
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1);
    } = 0.3;

    /// <summary>Measurements with a new least accuracy and no less extraction likelihood after which the accuracy alone
    /// decides, at least 1.</summary>
    public int Patience
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 5;

    /// <summary>Steps between measurements, at least 1; an epoch's as published.</summary>
    public int Every
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 1;
}
