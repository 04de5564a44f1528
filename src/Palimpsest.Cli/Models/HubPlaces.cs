using System.CommandLine;
using System.CommandLine.Parsing;

namespace Palimpsest.Cli;

/// <summary>Models and adapters that a command line names as ORG/NAME: they are brought from the hub, and their local
/// places are read in their stead.</summary>
internal static class HubPlaces
{
    private const string Adapter = "--adapter";

    private static readonly string[] AlsoModels = ["--retained", "--tokenizer", Adapter];

    /// <summary>The command line with local places alone.</summary>
    /// <exception cref="InputException">A model is neither here nor on the hub, or cannot be brought.</exception>
    public static async Task<ParseResult> ResolveAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var named = Models(parsed).Where(model => ReferenceOf(model.Token.Value) is not null).ToArray();
        if (named.Length == 0)
            return parsed;
        var (session, hub) = (new Session(parsed), new HubModels(HubOptions.FromEnvironment()));
        var places = new Dictionary<Token, string>(ReferenceEqualityComparer.Instance);
        foreach (var (option, token) in named)
            places[token] = await BringAsync(session, hub, option, token.Value, cancellationToken)
                .ConfigureAwait(false);
        return parsed.RootCommandResult.Command.Parse(
            [.. Rewritten(parsed, places)],
            new ParserConfiguration { ResponseFileTokenReplacer = null }
        );
    }

    /// <summary>The model on a hub that a text names; null for a local place, also one whose first folder alone is
    /// there, which is a mistyped path.</summary>
    private static HubReference? ReferenceOf(string text) =>
        HubReference.TryParse(text, out var reference)
        && !text.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
        && !File.Exists(text)
        && !Directory.Exists(text)
        && !Directory.Exists(text[..text.IndexOf('/', StringComparison.Ordinal)])
            ? reference
            : null;

    private static IEnumerable<(string Name, Token Token)> Models(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var symbols = command
            .Arguments.Where(argument => argument is IPlaceArgument)
            .Select(argument => (argument.Name, Result: (SymbolResult?)parsed.GetResult(argument)));
        var options = command
            .Options.Where(option => option.HelpName is "model" || AlsoModels.Contains(option.Name))
            .Select(option => (option.Name, Result: (SymbolResult?)parsed.GetResult(option)));
        return symbols.Concat(options).SelectMany(found => (found.Result?.Tokens ?? []).Select(t => (found.Name, t)));
    }

    private static async Task<string> BringAsync(
        Session session,
        HubModels hub,
        string option,
        string text,
        CancellationToken cancellationToken
    )
    {
        var reference = HubReference.Parse(text);
        try
        {
            return await session
                .WithProgressAsync(
                    $"Bringing {reference}",
                    progress =>
                        option == Adapter
                            ? hub.GetAdapterAsync(reference, progress, cancellationToken)
                            : hub.GetAsync(reference, progress, cancellationToken)
                )
                .ConfigureAwait(false);
        }
        catch (InputException error)
        {
            throw new InputException($"{option}: {text}: does not exist here. {error.Message}", error);
        }
    }

    private static IEnumerable<string> Rewritten(ParseResult parsed, Dictionary<Token, string> places)
    {
        // A value that begins as an option does is its option's only with '=' between.
        var values = parsed
            .CommandResult.Command.Options.SelectMany(option => parsed.GetResult(option)?.Tokens ?? [])
            .ToHashSet<Token>(ReferenceEqualityComparer.Instance);
        var tokens = parsed.Tokens;
        for (var i = 0; i < tokens.Count; i++)
        {
            var text = places.GetValueOrDefault(tokens[i], tokens[i].Value);
            if (
                i + 1 < tokens.Count
                && values.Contains(tokens[i + 1])
                && tokens[i].Type == TokenType.Option
                && tokens[i + 1].Value.StartsWith('-')
            )
                yield return $"{text}={tokens[++i].Value}";
            else
                yield return text;
        }
    }
}
