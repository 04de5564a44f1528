namespace Palimpsest.Models;

/// <summary>A text model whose token probabilities, and mostly weights, can be seen.</summary>
public interface IScoredModel : ITextModel, IDisposable
{
    /// <summary>The same tokenizer and conventions over another decoder, which the result owns.</summary>
    /// <param name="decoder">A decoder with as many ids.</param>
    /// <param name="name">The new model's name.</param>
    IScoredModel WithDecoder(CausalLM decoder, string name);

    /// <summary>The decoder itself.</summary>
    CausalLM Decoder { get; }

    /// <summary>Text to ids and back.</summary>
    Tokenizer Tokenizer { get; }

    /// <summary>The ids of a conversation through the chat template, with the generation prompt where asked.</summary>
    int[] EncodeConversation(IReadOnlyList<Turn> turns, bool addGenerationPrompt);

    /// <summary>
    /// A question with its answer through the chat template; the answer and one end token are labelled. An end token is
    /// added where the template does not end with one.
    /// </summary>
    TokenSequence EncodeAnswer(string question, string answer, int row = 0);

    /// <summary>Scores every labelled token, batched by length; results are in the order of the input.</summary>
    Task<IReadOnlyList<TokenScores>> ScoreAsync(
        IReadOnlyList<TokenSequence> sequences,
        ScoreOptions options,
        CancellationToken cancellationToken = default
    );
}
