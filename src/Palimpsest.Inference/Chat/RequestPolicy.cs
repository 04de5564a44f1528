namespace Palimpsest.Inference;

/// <summary>How requests to an endpoint are sent and tried again.</summary>
public sealed record RequestPolicy
{
    /// <summary>Most requests at once, at least 1.</summary>
    public int Concurrency
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 4;

    /// <summary>Times that a request is tried when the endpoint fails or is too slow, at least 1.</summary>
    public int Attempts
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 3;

    /// <summary>Longest wait for one answer in seconds, above 0.</summary>
    public double TimeoutSeconds
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 86400);
    } = 120;

    /// <summary>Wait before the second try in seconds, at least 0; each later one is twice as long, up to an
    /// hour.</summary>
    public double RetrySeconds
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 3600);
    } = 0.5;
}
