namespace Palimpsest.Models;

/// <summary>Settings of <see cref="TiledCrossEntropy"/>. The defaults are exact: nothing is filtered.</summary>
public sealed record TiledCrossEntropyOptions
{
    /// <summary>Hidden rows per tile; 0 takes all rows.</summary>
    public int RowTile
    {
        get;
        init => field = Require.AtLeast(value, 0);
    }

    /// <summary>Vocabulary entries per tile; 0 takes as many as keep a tile near 4 MiB.</summary>
    public int VocabularyTile
    {
        get;
        init => field = Require.AtLeast(value, 0);
    }

    /// <summary>Logits become c·tanh(logit / c); null leaves them.</summary>
    public double? SoftCap { get; init; }

    /// <summary>A tile whose every |softmax − onehot| lies below this contributes no gradient; null is exact.</summary>
    /// <remarks>float32's "auto" value is 2⁻²⁸; bfloat16's is 2⁻¹².</remarks>
    public double? FilterEpsilon { get; init; }

    /// <summary>Whether a filtered tile is left out of the hidden states' gradient.</summary>
    public bool FilterHidden { get; init; } = true;

    /// <summary>Whether a filtered tile is left out of the classifier's gradient.</summary>
    public bool FilterClassifier { get; init; } = true;

    /// <summary>Walks the vocabulary in ascending order of mean logit, so that unlikely entries share tiles.</summary>
    public bool SortVocabulary { get; init; }

    /// <summary>Told of every tile of the backward pass: whether it was filtered.</summary>
    public Action<bool>? TileVisited { get; init; }
}
