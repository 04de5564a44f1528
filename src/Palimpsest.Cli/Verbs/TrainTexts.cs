using System.CommandLine;

namespace Palimpsest.Cli.Verbs;

/// <summary>The options that name what a model is trained on.</summary>
internal sealed class TrainTexts
{
    private readonly Option<string[]> _data = new("--data")
    {
        Description = "Files of question-answer rows (JSON or JSON lines); can be repeated.",
        HelpName = "file",
    };
    private readonly Option<string[]> _text = new("--text")
    {
        Description = "Plain text files; can be repeated.",
        HelpName = "file",
    };
    private readonly WholeOption<int> _block = new("--block", "Tokens per block of plain text.", absent: 256, least: 2);

    public TrainTexts(Command command) => command.With(_data, _text, _block);

    /// <summary>Reads the files.</summary>
    /// <exception cref="InputException">None is named, one cannot be read, or an option has no effect.</exception>
    public TrainData Read(ParseResult parsed)
    {
        if (!parsed.IsGiven(_text))
            GivenOptions.Refuse(parsed, "it cuts the texts of --text into blocks", _block);
        var block = _block.Of(parsed);
        var files = (parsed.GetValue(_data) ?? []).Select(path => new RowSet(path, QuestionAnswerFile.Read(path)));
        var data = new TrainData([.. files], [.. (parsed.GetValue(_text) ?? []).Select(TextFile.Read)], block);
        return data.Files.Count > 0 || data.Texts.Count > 0
            ? data
            : throw new InputException("There is nothing to train on; give --data or --text.");
    }
}
