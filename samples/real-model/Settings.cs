namespace Palimpsest.Samples;

/// <summary>What the run does; written to config.json, so that a resumed run is the same run.</summary>
internal sealed record Settings
{
    /// <summary>The model: a GGUF file or a Hugging Face folder.</summary>
    public required string Model { get; init; }

    /// <summary>Running text for perplexity, or null.</summary>
    public string? WikiText { get; init; }

    /// <summary>The facts: forget, retain (neighbours) and irrelevant (general knowledge).</summary>
    public required string Probes { get; init; }

    /// <summary>Optimiser steps of forgetting.</summary>
    public int Steps { get; init; } = 60;

    /// <summary>Learning rate of forgetting.</summary>
    public double LearningRate { get; init; } = 5e-4;

    /// <summary>Rank of the adapter.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>Rows per step.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>Most tokens of a text that the model writes.</summary>
    public int TextTokens { get; init; } = 64;

    /// <summary>Texts of the forgotten world that the relearning test teaches.</summary>
    public int RelearnTexts { get; init; } = 8;

    /// <summary>Blocks of 512 tokens of running text.</summary>
    public int PerplexityBlocks { get; init; } = 16;

    /// <summary>Seed of texts, adapter, batches and attacks.</summary>
    public ulong Seed { get; init; } = 1;
}
