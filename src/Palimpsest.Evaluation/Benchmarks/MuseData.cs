namespace Palimpsest.Evaluation;

/// <summary>The rows of a MUSE corpus.</summary>
public sealed record MuseData
{
    private const int MostFolds = 64;

    private static readonly string[] FoldEndings = [".json", ".txt"];

    /// <summary>Texts to be forgotten, cut in two.</summary>
    public required IReadOnlyList<MuseContinuation> Verbatim { get; init; }

    /// <summary>Questions on the texts to be forgotten.</summary>
    public required IReadOnlyList<QuestionAnswer> ForgetQuestions { get; init; }

    /// <summary>Questions on the texts to be kept.</summary>
    public required IReadOnlyList<QuestionAnswer> RetainQuestions { get; init; }

    /// <summary>Answered questions that stand before each question on forgotten texts; may be empty.</summary>
    public IReadOnlyList<QuestionAnswer> ForgetExamples { get; init; } = [];

    /// <summary>The same for questions on kept texts.</summary>
    public IReadOnlyList<QuestionAnswer> RetainExamples { get; init; } = [];

    /// <summary>Texts that were trained on and were to be forgotten, for membership; may be empty.</summary>
    public IReadOnlyList<string> Members { get; init; } = [];

    /// <summary>Texts of the same kind that no model saw; may be empty with the members.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];

    /// <summary>Nested forget sets of growing size, for a run of a method on each (scalability); may be
    /// empty.</summary>
    public IReadOnlyList<string> ScalabilityFolds { get; init; } = [];

    /// <summary>Disjoint forget sets, for a run of a method on each after the other (sustainability); may be
    /// empty.</summary>
    public IReadOnlyList<string> SustainabilityFolds { get; init; } = [];

    /// <summary>Where the sets were read, by property name, for messages.</summary>
    public IReadOnlyDictionary<string, string> Names { get; init; } = new Dictionary<string, string>();

    /// <summary>Reads a corpus' folder: <c>verbmem/forget.json</c>, <c>knowmem/forget_qa.json</c> and so on.</summary>
    /// <param name="folder">For example the authors' <c>data/news</c>.</param>
    /// <exception cref="InputException">A file is missing or malformed, or two sets share a row.</exception>
    public static MuseData Load(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string Needed(string set, params string[] names) =>
            names.Select(name => Path.Combine(folder, set, name)).FirstOrDefault(File.Exists)
            ?? throw new InputException(
                $"{Path.Combine(folder, set)}: has no {string.Join(" or ", names)}; needed is the layout of MUSE's "
                    + "data folder."
            );
        var verbatim = Needed("verbmem", "forget.json");
        var forget = Needed("knowmem", "forget_qa.json");
        var retain = Needed("knowmem", "retain_qa.json", "retain2_qa.json");
        var forgetExamples = Needed("knowmem", "forget_qa_icl.json");
        var retainExamples = Needed("knowmem", "retain_qa_icl.json", "retain2_qa_icl.json");
        var members = Needed("privleak", "forget.json");
        var others = Needed("privleak", "holdout.json");
        var data = new MuseData
        {
            Verbatim = Continuations(verbatim),
            ForgetQuestions = QuestionAnswerFile.Read(forget),
            RetainQuestions = QuestionAnswerFile.Read(retain),
            ForgetExamples = QuestionAnswerFile.Read(forgetExamples),
            RetainExamples = QuestionAnswerFile.Read(retainExamples),
            Members = Texts(members),
            Others = Texts(others),
            ScalabilityFolds = Folds(Path.Combine(folder, "scal")),
            SustainabilityFolds = Folds(Path.Combine(folder, "sust")),
            Names = new Dictionary<string, string>
            {
                [nameof(Verbatim)] = verbatim,
                [nameof(ForgetQuestions)] = forget,
                [nameof(RetainQuestions)] = retain,
                [nameof(Members)] = members,
                [nameof(Others)] = others,
            },
        };
        data.Require();
        return data;
    }

    /// <summary>Refuses sets with which a score would say something else than it means: questions in both sets, texts
    /// that are members and others, members without others.</summary>
    /// <exception cref="InputException">A row is refused; the message has set and row.</exception>
    public void Require()
    {
        if (Verbatim.Count == 0 || ForgetQuestions.Count == 0 || RetainQuestions.Count == 0)
            throw new InputException(
                $"MUSE needs texts to go on with and questions on both sides; there are {Verbatim.Count}, "
                    + $"{ForgetQuestions.Count} and {RetainQuestions.Count}."
            );
        RowSet.RequireDisjoint([
            new(NameOf(nameof(ForgetQuestions)), ForgetQuestions),
            new(NameOf(nameof(RetainQuestions)), RetainQuestions),
        ]);
        if (Members.Count == 0 != (Others.Count == 0))
            throw new InputException(
                $"{NameOf(nameof(Members))} has {Members.Count} texts and {NameOf(nameof(Others))} {Others.Count}; "
                    + "membership compares both."
            );
        var known = Members.ToHashSet(StringComparer.Ordinal);
        foreach (var (i, text) in Others.Index())
        {
            if (known.Contains(text))
                throw new InputException(
                    $"{NameOf(nameof(Others))}, row {i + 1}: {JsonField.Shown(text)} is in "
                        + $"{NameOf(nameof(Members))} too; a text was seen or not."
                );
        }
    }

    private string NameOf(string property) => Names.GetValueOrDefault(property) ?? property;

    private static IReadOnlyList<MuseContinuation> Continuations(string path)
    {
        var rows = JsonRows.Read(path);
        return rows.Count > 0
            ? [.. rows.Select(row => new MuseContinuation(row.Text("prompt"), row.Text("gt")))]
            : throw new InputException($"{path}: has no row; needed is at least one.");
    }

    /// <summary>Rows that are texts, or objects with a text.</summary>
    private static string[] Texts(string path)
    {
        var texts = JsonRows.Read(path).Select(row => row.IsText ? row.AsString() : row.Text("text")).ToArray();
        if (texts.Length == 0)
            throw new InputException($"{path}: has no text; needed is at least one.");
        var blank = Array.FindIndex(texts, string.IsNullOrWhiteSpace);
        return blank < 0 ? texts : throw new InputException($"{path}, row {blank + 1}: the text is empty.");
    }

    /// <summary>Paths of forget_1, forget_2 and so on, as long as there is a next.</summary>
    private static List<string> Folds(string folder)
    {
        var found = new List<string>();
        while (found.Count < MostFolds)
        {
            var next = FoldEndings
                .Select(ending => Path.Combine(folder, $"forget_{found.Count + 1}{ending}"))
                .FirstOrDefault(File.Exists);
            if (next is null)
                break;
            found.Add(next);
        }

        return found;
    }
}
