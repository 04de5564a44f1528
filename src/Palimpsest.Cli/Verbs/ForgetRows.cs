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

    /// <summary>Deletion requests.</summary>
    public const string Requests = "--requests";

    private readonly Option<string?> _forget = CommonOptions.Optional(
        "--forget",
        "Rows to be forgotten (JSON or JSON lines).",
        "file"
    );
    private readonly Option<string?> _requests = CommonOptions.Optional(
        Requests,
        "Instead of --forget: rows that say which request they belong to (JSON lines with a field 'request'). Requests "
            + "are granted one after another, all are measured after each, and all are attacked at the end.",
        "file"
    );
    private readonly Option<bool> _atOnce = new("--at-once")
    {
        Description = "Grants all --requests in one run of the method, to compare.",
    };
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
        command.With(_forget, _requests, _atOnce, _retain, _alternates, _anchors, _holdout);
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
        var requests = ReadRequests(parsed, method);
        var path = parsed.GetValue(_forget) ?? parsed.GetValue(_requests)!;
        var forget = new RowSet(
            path,
            requests is null ? QuestionAnswerFile.Read(path) : [.. requests.SelectMany(request => request.Rows)]
        );
        var retain = parsed.GetValue(_retain) is { } kept ? new RowSet(kept, QuestionAnswerFile.Read(kept)) : null;
        var holdout = parsed.GetValue(_holdout) is { } unseen
            ? new RowSet(unseen, QuestionAnswerFile.Read(unseen))
            : null;
        foreach (var other in new[] { retain, holdout }.OfType<RowSet>())
            RowSet.RequireDisjoint(forget, other);
        var alternates = parsed.GetValue(_alternates) is { } file ? OtherAnswers.Read(file, forget.Rows) : null;
        var anchors = parsed.GetValue(_anchors) is { } terms ? AnchorDictionary.Read(terms) : null;
        return new(forget, retain, alternates, anchors) { Holdout = holdout, Requests = requests };
    }

    /// <summary>True when all requests are granted in one run of the method.</summary>
    public bool AtOnce(ParseResult parsed) => parsed.GetValue(_atOnce);

    private IReadOnlyList<DeletionRequest>? ReadRequests(ParseResult parsed, IUnlearningMethod method)
    {
        var (forget, requests) = (parsed.GetValue(_forget), parsed.GetValue(_requests));
        if (forget is null == requests is null)
            throw new InputException($"{_forget.Name} or {Requests}: exactly one names the rows to be forgotten.");
        if (requests is null)
        {
            GivenOptions.Refuse(parsed, $"there are no {Requests}", _atOnce);
            return null;
        }

        if (method.Composes || method.OwnLora is not null || ForgetVerb.Rank.Of(parsed) > 0)
            throw new InputException(
                $"{Requests}: each goes on from weights that the one before changed; {method.Id} "
                    + $"{(method.Composes ? "answers with several models" : "trains an adapter")}."
            );
        return DeletionRequestFile.Read(requests);
    }

    private static void Require(ParseResult parsed, Option<string?> option, bool needed, string reason)
    {
        if (needed && parsed.GetValue(option) is null)
            throw new InputException($"{option.Name}: is missing; {reason}.");
    }
}
