using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Palimpsest.Unlearning;

/// <summary>What is to be forgotten by which model.</summary>
public sealed record UnlearnJob
{
    /// <summary>The model before unlearning.</summary>
    public required CausalLM Model { get; init; }

    /// <summary>The id that fills up batches.</summary>
    public required int PadId { get; init; }

    /// <summary>Encoded forget rows, at least one.</summary>
    public required IReadOnlyList<TokenSequence> Forget { get; init; }

    /// <summary>Encoded retain rows; needed by methods with a retain term.</summary>
    public IReadOnlyList<TokenSequence> Retain { get; init; } = [];

    /// <summary>Encoded other answers (refusals) to the forget questions, one list per forget row; needed by IDK and
    /// DPO.</summary>
    public IReadOnlyList<IReadOnlyList<TokenSequence>> Alternates { get; init; } = [];

    /// <summary>Encoded rows that the model never saw; a method that can be measured against them stops where it knows
    /// no more of the forget rows.</summary>
    public IReadOnlyList<TokenSequence> Holdout { get; init; } = [];

    /// <summary>Expressions of the forget rows with generic stand-ins, see
    /// <see cref="AnchorDictionary.Encode"/>.</summary>
    public IReadOnlyList<TokenAnchor> Anchors { get; init; } = [];

    /// <summary>Rows per micro-batch.</summary>
    public int BatchSize
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 16;

    /// <summary>Optimiser, schedule, epochs, seed, run folder.</summary>
    public TrainOptions Training { get; init; } = new();

    /// <summary>Told of start, training and end in ids and numbers; nobody by default.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Hooks into the training, for example a measured stop; called in order.</summary>
    public IReadOnlyList<ITrainExtension> Extensions { get; init; } = [];

    /// <summary>The weights that may change; null: all of them, or the adapter's.</summary>
    public IParameterSelector? MayChange { get; init; }

    /// <summary>What the method compares with, of the same ids; null: the model before unlearning.</summary>
    public CausalLM? Reference { get; init; }

    /// <summary>What ends the run before its last step; the first that says so does.</summary>
    public IReadOnlyList<IStopRule> StopRules { get; init; } = [];

    /// <summary>Steps between two questions to the stop rules, at least 1.</summary>
    public int StopEvery
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 1;

    /// <summary>Trains a low-rank adapter instead of all weights.</summary>
    public LoraOptions? Lora { get; init; }

    /// <summary>A term that is added to the method's loss, with its weight.</summary>
    internal (IObjective Term, double Weight)? Extra { get; init; }
}
