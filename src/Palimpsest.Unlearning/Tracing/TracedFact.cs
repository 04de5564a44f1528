namespace Palimpsest.Unlearning;

/// <summary>A fact whose way through a model is traced: a prompt that names a subject, and the token that says what is
/// known of it.</summary>
/// <param name="Prompt">Token ids up to the one that predicts the answer, at least one.</param>
/// <param name="SubjectStart">The subject's first token in the prompt, counted from 0.</param>
/// <param name="SubjectEnd">One past the subject's last token.</param>
/// <param name="Answer">The token that follows the prompt.</param>
public sealed record TracedFact(IReadOnlyList<int> Prompt, int SubjectStart, int SubjectEnd, int Answer);
