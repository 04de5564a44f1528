namespace Palimpsest.Evaluation;

/// <summary>About how much work a test is over all models, known before it starts.</summary>
/// <param name="Replies">Replies that are generated.</param>
/// <param name="Sequences">Sequences that are read once.</param>
/// <param name="TrainingSteps">Optimiser steps.</param>
public readonly record struct AuditCost(long Replies = 0, long Sequences = 0, long TrainingSteps = 0)
{
    private const int SequencesPerReply = 20;
    private const int SequencesPerStep = 24;

    /// <summary>The work in sequences read: a reply counts as 20 of them, a training step as 24 (eight rows, forward
    /// and backward).</summary>
    public long Units => Sequences + SequencesPerReply * Replies + SequencesPerStep * TrainingSteps;
}
