using System.CommandLine;
using Palimpsest.Unlearning;

namespace Palimpsest.Cli.Verbs;

/// <summary>The options that name what a method reads.</summary>
internal sealed class ForgetRows
{
    /// <summary>Rows to be kept.</summary>
    public const string Retain = "--retain";

    /// <summary>Other answers.</summary>
    public const string Alternates = "--alternates";

    /// <summary>Expressions with generic stand-ins.</summary>
    public const string Anchors = "--anchors";

    /// <summary>Rows that the model never saw.</summary>
    public const string Holdout = "--holdout";

    private readonly Option<string> _forget = CommonOptions.Required(
        "--forget",
        "Rows to be forgotten (JSON or JSON lines)."
    );
    private readonly Option<string?> _retain;
    private readonly Option<string?> _alternates;
    private readonly Option<string?> _anchors;
    private readonly Option<string?> _holdout;

    /// <summary>Adds the options to a method's command; help lists those that the method reads.</summary>
    public ForgetRows(Command command, CatalogEntry<IUnlearningMethod> entry)
    {
        var needs = NeedsOf(entry);
        _retain = CommonOptions.Optional(Retain, $"Rows to be kept; {entry.Id} needs them.", "file");
        _alternates = CommonOptions.Optional(
            Alternates,
            "Other answers: refusals, one per line, or JSON rows with the questions that they answer, those of 'data "
                + $"perturb' too; {entry.Id} needs them.",
            "file"
        );
        _anchors = CommonOptions.Optional(
            Anchors,
            "Names and other expressions of the forget rows, each with a generic one (JSON lines: {\"term\": ..., "
                + "\"replacement\": ...}).",
            "file"
        );
        (_retain.Hidden, _alternates.Hidden) = (!needs.Contains(Retain), !needs.Contains(Alternates));
        _holdout = CommonOptions.Optional(
            Holdout,
            "Rows that the model never saw (JSON or JSON lines, with secrets or without): the run stops where it knows "
                + "no more of the secrets.",
            "file"
        );
        var method = entry.CreateDefault();
        (_anchors.Hidden, _holdout.Hidden) = (!method.ReadsAnchors, !method.ReadsHoldout);
        command.With(_forget, _retain, _alternates, _anchors, _holdout);
    }

    /// <summary>The names of the options that a method needs beside <c>--forget</c>.</summary>
    public static IReadOnlyList<string> NeedsOf(CatalogEntry<IUnlearningMethod> entry)
    {
        var method = entry.CreateDefault();
        List<string> needs = [];
        if (method.ReadsRetain)
            needs.Add(Retain);
        if (method.ReadsAlternates)
            needs.Add(Alternates);
        return needs;
    }

    /// <summary>Reads the files.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="method">The method with its settings.</param>
    /// <exception cref="InputException">A file is missing that the method needs, or given that it does not read; a file
    /// cannot be read, or the same row is to be forgotten and kept.</exception>
    public ForgetData Read(ParseResult parsed, IUnlearningMethod method)
    {
        Require(parsed, _retain, method.ReadsRetain, $"{method.Id} needs rows to be kept");
        Require(parsed, _alternates, method.ReadsAlternates, $"{method.Id} needs other answers");
        if (!method.ReadsRetain)
            GivenOptions.Refuse(parsed, $"{method.Id} reads no retain rows", _retain);
        if (!method.ReadsAlternates)
            GivenOptions.Refuse(parsed, $"{method.Id} reads no other answers", _alternates);
        if (!method.ReadsAnchors)
            GivenOptions.Refuse(parsed, $"{method.Id} reads no anchors with these settings", _anchors);
        if (!method.ReadsHoldout)
            GivenOptions.Refuse(parsed, $"{method.Id} reads no held-out rows", _holdout);
        var forget = new RowSet(parsed.GetValue(_forget)!, QuestionAnswerFile.Read(parsed.GetValue(_forget)!));
        var retain = parsed.GetValue(_retain) is { } kept ? new RowSet(kept, QuestionAnswerFile.Read(kept)) : null;
        var holdout = parsed.GetValue(_holdout) is { } unseen
            ? new RowSet(unseen, QuestionAnswerFile.Read(unseen))
            : null;
        foreach (var other in new[] { retain, holdout }.OfType<RowSet>())
            RowSet.RequireDisjoint(forget, other);
        var alternates = parsed.GetValue(_alternates) is { } file ? OtherAnswers.Read(file, forget.Rows) : null;
        var anchors = parsed.GetValue(_anchors) is { } terms ? AnchorDictionary.Read(terms) : null;
        return new(forget, retain, alternates, anchors) { Holdout = holdout };
    }

    private static void Require(ParseResult parsed, Option<string?> option, bool needed, string reason)
    {
        if (needed && parsed.GetValue(option) is null)
            throw new InputException($"{option.Name}: is missing; {reason}.");
    }
}
