namespace Palimpsest.Worlds;

/// <summary>A small model that the workbench trains: what it reads, its shape, its training.</summary>
public sealed record ModelRecipe
{
    /// <summary>What its folder's name begins with: lower-case letters and hyphens.</summary>
    public required string Name { get; init; }

    /// <summary>All that its weights depend on, in words; a hash of it tells it from other recipes of the
    /// name.</summary>
    public required string Key { get; init; }

    /// <summary>Makes the tokenizer.</summary>
    public required Func<CancellationToken, Tokenizer> Tokenizer { get; init; }

    /// <summary>The rows, in order; at least one.</summary>
    public required Func<Tokenizer, IReadOnlyList<TokenSequence>> Sequences { get; init; }

    /// <summary>The decoder's shape, from the number of token ids.</summary>
    public required Func<int, DecoderConfig> Decoder { get; init; }

    /// <summary>Rows per step, at least 1.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Whether rows are read in the order given, as when they grow harder; else they are shuffled anew in each
    /// epoch, and a batch's rows have like lengths.</summary>
    public bool KeepsOrder { get; init; }

    /// <summary>Weight of the load-balancing loss of a model with experts, at least 0.</summary>
    public double ExpertBalance { get; init; }

    /// <summary>Steps, optimiser, schedule and seed, which is that of the weights and of the order too; the workbench
    /// puts in its run folder.</summary>
    public required TrainOptions Training { get; init; }

    /// <summary>The folder in the cache: <see cref="Name"/> and 16 digits of the key's hash.</summary>
    public string Folder => $"{Name}-{ContentHash.OfText(Key)[..16]}";
}
