namespace Palimpsest.Inference;

/// <summary>Repetition, frequency and presence penalties.</summary>
internal sealed class PenaltyProcessor(GenerationOptions options) : ILogitProcessor
{
    /// <summary>True when some penalty changes anything.</summary>
    public static bool IsNeeded(GenerationOptions options) => options.RepetitionPenalty != 1 || CountsTokens(options);

    /// <inheritdoc/>
    public IRowProcessor Begin(IReadOnlyList<int> prompt) => new Row(options, prompt);

    private static bool CountsTokens(GenerationOptions options) =>
        options.FrequencyPenalty != 0 || options.PresencePenalty != 0;

    private sealed class Row(GenerationOptions options, IReadOnlyList<int> prompt) : IRowProcessor
    {
        private readonly HashSet<int> _seen = options.RepetitionPenalty == 1 ? [] : [.. prompt];
        private readonly Dictionary<int, int> _drawn = [];

        public void Process(Span<float> logits)
        {
            foreach (var id in _seen)
                logits[id] = (float)(
                    logits[id] > 0 ? logits[id] / options.RepetitionPenalty : logits[id] * options.RepetitionPenalty
                );
            foreach (var (id, count) in _drawn)
                logits[id] -= (float)(count * options.FrequencyPenalty + options.PresencePenalty);
        }

        public void Accept(int token)
        {
            if (options.RepetitionPenalty != 1)
                _seen.Add(token);
            if (CountsTokens(options))
                _drawn[token] = _drawn.GetValueOrDefault(token) + 1;
        }
    }
}
