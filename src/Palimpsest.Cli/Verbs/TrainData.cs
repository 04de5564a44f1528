using Palimpsest.Inference;
using Palimpsest.Training;

namespace Palimpsest.Cli.Verbs;

/// <summary>What a model is trained on.</summary>
/// <param name="Files">Rows of questions and answers, under their files' names.</param>
/// <param name="Texts">Plain texts.</param>
/// <param name="BlockTokens">Tokens per block of plain text.</param>
internal sealed record TrainData(IReadOnlyList<RowSet> Files, IReadOnlyList<string> Texts, int BlockTokens)
{
    /// <summary>Everything that a tokenizer is trained on.</summary>
    public IEnumerable<string> Words =>
        Files.SelectMany(file => file.Rows).SelectMany(row => new[] { row.Question, row.Answer }).Concat(Texts);

    /// <summary>The rows, then the texts in blocks.</summary>
    /// <exception cref="InputException">A row is longer than the model's positions.</exception>
    public TokenSequence[] Encode(LanguageModel language) =>
        [
            .. Files
                .SelectMany(file => EncodedRows.Of(language, file.Name, file.Rows))
                .Select((row, i) => row with { Row = i }),
            .. TokenPacking.Pack(
                Texts.Select(text => language.Tokenizer.Encode(text)),
                language.Tokenizer.EosId ?? 0,
                Math.Min(BlockTokens, language.Decoder.Config.LongestSequence)
            ),
        ];
}
