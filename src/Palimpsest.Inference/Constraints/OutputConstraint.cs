using System.Text.Json;

namespace Palimpsest.Inference;

/// <summary>Lets only such tokens come that the answer can still become a text of a form, for example JSON of a
/// schema.</summary>
/// <remarks>
/// <para>
/// The form is a pushdown automaton over bytes, a token is allowed when its bytes can come. Which tokens can come is
/// found once for each state and kept, for all rows that share a constraint; what a row has written is its own. Special
/// tokens are barred, end tokens come only where the text can end, and a text that can only end ends the row without
/// one. Willard and Louf 2023, arXiv:2307.09702; Dong et al. 2024, arXiv:2411.15100.
/// </para>
/// <para>
/// The text ends in time where that is possible: as soon as the tokens that are left are needed to close what is open,
/// only tokens come that lead there. Where even the shortest text needs more tokens, the row ends by its length.
/// </para>
/// </remarks>
public sealed class OutputConstraint : ILogitProcessor
{
    private static readonly HashSet<int> NoTokens = [];

    private readonly TokenAutomaton _automaton;
    private readonly Tokenizer _tokenizer;

    internal OutputConstraint(Tokenizer tokenizer, TokenBytes tokens, params IEnumerable<Cursor> start) =>
        (_tokenizer, _automaton) = (tokenizer, new(tokens, start));

    /// <summary>JSON of a schema.</summary>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="schema">A JSON schema; see docs/structured-output.md for its keywords.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="InputException">A keyword of the schema is not supported or malformed, the schema is too large
    /// or has no finite value, or the tokenizer's tokens have no texts of their own.</exception>
    public static OutputConstraint Json(Tokenizer tokenizer, JsonElement schema, string name = "schema")
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(name);
        var tokens = TokenBytes.Of(tokenizer);
        var value = JsonSchemaReader.Read(schema, name, tokens);
        return new(tokenizer, tokens, new Cursor(new ExpectFrame(value), null));
    }

    /// <inheritdoc/>
    public IRowProcessor Begin(IReadOnlyList<int> prompt) => Begin(new RowStart(prompt, int.MaxValue, NoTokens));

    /// <inheritdoc/>
    public IRowProcessor Begin(RowStart row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return new Row(this, row);
    }

    /// <summary>The text that the automaton reads.</summary>
    internal TextStream NewStream(Tokenizer tokenizer) =>
        tokenizer.NewExactStream(_automaton.Tokens.ShownSpecialTokens);

    private sealed class Row(OutputConstraint constraint, RowStart row) : IRowProcessor
    {
        private AutomatonState _state = constraint._automaton.Start;
        private int _left = row.MostTokens;

        public bool IsComplete => _state is { IsDone: true, Threads.Length: 0 };

        public void Process(Span<float> logits)
        {
            Span<float> ends = stackalloc float[row.EndTokens.Count <= 64 ? row.EndTokens.Count : 0];
            if (ends.Length < row.EndTokens.Count)
                ends = new float[row.EndTokens.Count];
            var i = 0;
            foreach (var id in row.EndTokens)
                ends[i++] = id < logits.Length ? logits[id] : float.NegativeInfinity;
            constraint._automaton.MaskOf(_state, _left).Apply(logits);
            i = 0;
            foreach (var id in row.EndTokens)
            {
                if (id < logits.Length)
                    logits[id] = _state.CanEnd ? ends[i] : float.NegativeInfinity;
                i++;
            }
        }

        public void Accept(int token)
        {
            _left--;
            if (row.EndTokens.Contains(token))
                return;
            _state = constraint._automaton.After(_state, constraint._tokenizer.BytesOf(token) ?? []);
        }
    }
}
