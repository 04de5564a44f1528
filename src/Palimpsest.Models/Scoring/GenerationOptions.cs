namespace Palimpsest.Models;

/// <summary>How text is decoded.</summary>
public sealed record GenerationOptions
{
    /// <summary>Most new tokens per row, at least 1.</summary>
    public int MaxNewTokens
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 200;

    /// <summary>Softmax temperature; 0 is greedy.</summary>
    public double Temperature
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 100);
    }

    /// <summary>Keeps the k likeliest tokens; 0 keeps all.</summary>
    public int TopK
    {
        get;
        init => field = Require.AtLeast(value, 0);
    }

    /// <summary>Keeps the smallest set of tokens with this much probability, in (0, 1]; 1 keeps all.</summary>
    public double TopP
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 1);
    } = 1;

    /// <summary>Drops tokens below this share of the likeliest token's probability, in [0, 1]; 0 keeps all.</summary>
    public double MinP
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1);
    }

    /// <summary>Divides positive (multiplies negative) logits of tokens already seen; 1 changes nothing.</summary>
    public double RepetitionPenalty
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 100);
    } = 1;

    /// <summary>Taken from a token's logit for each time that the answer holds it already, in [-2, 2]; 0 changes
    /// nothing.</summary>
    public double FrequencyPenalty
    {
        get;
        init => field = Require.InRange(value, atLeast: -2, atMost: 2);
    }

    /// <summary>Taken once from the logit of each token that the answer holds already, in [-2, 2]; 0 changes
    /// nothing.</summary>
    public double PresencePenalty
    {
        get;
        init => field = Require.InRange(value, atLeast: -2, atMost: 2);
    }

    /// <summary>Texts that end a row; none of them is part of the result.</summary>
    public IReadOnlyList<string> StopStrings { get; init; } = [];

    /// <summary>Token ids that end a row beside the model's own end tokens.</summary>
    public IReadOnlyList<int> StopTokens { get; init; } = [];

    /// <summary>What changes logits before a token is chosen, in order, after the penalties.</summary>
    public IReadOnlyList<ILogitProcessor> LogitProcessors { get; init; } = [];

    /// <summary>What the key-value cache holds; null for everything.</summary>
    public IKvPolicy? KvPolicy { get; init; }

    /// <summary>Seed of the sampler; row i of a batch draws from a stream of its own.</summary>
    public ulong Seed { get; init; }

    /// <summary>Most rows decoded at once, at least 1.</summary>
    public int BatchSize
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 32;
}
