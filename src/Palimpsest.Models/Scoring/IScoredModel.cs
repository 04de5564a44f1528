namespace Palimpsest.Models;

/// <summary>A text model whose token probabilities can be seen, and which can be decoded step by step.</summary>
public interface IScoredModel : ITextModel, IDisposable
{
    /// <summary>Text to ids and back.</summary>
    Tokenizer Tokenizer { get; }

    /// <summary>Ids that end an answer.</summary>
    IReadOnlySet<int> EndTokens { get; }

    /// <summary>The id that fills up batches.</summary>
    int PadId { get; }

    /// <summary>Most tokens of a sequence.</summary>
    int MaxTokens { get; }

    /// <summary>Reads tokens and gives the next token's logits.</summary>
    IStepModel Steps { get; }

    /// <summary>The ids of a conversation through the chat template, with the generation prompt where asked.</summary>
    int[] EncodeConversation(IReadOnlyList<Turn> turns, bool addGenerationPrompt);

    /// <summary>
    /// A question with its answer through the chat template; the answer and one end token are labelled. The answer
    /// begins where the conversation's text parts from that of the question alone, and a token that holds some of it
    /// is labelled. An end token is added where the template does not end with one.
    /// </summary>
    TokenSequence EncodeAnswer(string question, string answer, int row = 0);

    /// <summary>Scores every labelled token, batched by length; results are in the order of the input.</summary>
    Task<IReadOnlyList<TokenScores>> ScoreAsync(
        IReadOnlyList<TokenSequence> sequences,
        ScoreOptions options,
        CancellationToken cancellationToken = default
    );
}
