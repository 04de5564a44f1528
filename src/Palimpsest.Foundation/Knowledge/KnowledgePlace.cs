namespace Palimpsest.Foundation;

/// <summary>A place that still holds what a result has forgotten.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Path">A file or folder, as an absolute path.</param>
public sealed record KnowledgePlace(KnowledgePlaceKind Kind, string Path)
{
    /// <summary>Why it still holds the knowledge, in a sentence without a full stop.</summary>
    public string Reason =>
        Kind switch
        {
            KnowledgePlaceKind.Original => "the model before forgetting is unchanged",
            KnowledgePlaceKind.Base => "the model under the adapter is unchanged and answers as before without it",
            KnowledgePlaceKind.Target => "the model answers as before when it is asked without its assistant",
            KnowledgePlaceKind.Assistant => "the assistant was taught what is to be forgotten",
            KnowledgePlaceKind.ProtectedBase => "the model was trained on all rows, within its privacy budget",
            KnowledgePlaceKind.Adapter => "taken off the merged model, the adapter gives the old model back",
            KnowledgePlaceKind.Checkpoint => "weights from before the end, or an adapter that can be taken off",
            KnowledgePlaceKind.OptimizerState => "moments of the gradients of the forget rows",
            _ => throw new InvalidOperationException($"{Kind} is no kind of place."),
        };

    /// <summary>The place and the reason in one line.</summary>
    public override string ToString() => $"{Path}: {Reason}";
}
