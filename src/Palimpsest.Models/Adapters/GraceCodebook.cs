using TorchSharp.Modules;

namespace Palimpsest.Models;

/// <summary>Settings of a <see cref="GraceCodebook"/>.</summary>
public sealed record GraceOptions
{
    /// <summary>The projection whose outputs are replaced, for example <c>model.layers.27.mlp.down_proj</c>.</summary>
    public required string Projection { get; init; }

    /// <summary>Radius ε₀ of a new entry, at least 0.</summary>
    public double Radius
    {
        get;
        init => field = Require.InRange(value, atLeast: 0);
    } = 1;

    /// <summary>Which outputs an entry replaces.</summary>
    public GraceReplacement Replaces { get; init; }

    /// <summary>Seed of values that start at random.</summary>
    public ulong Seed { get; init; } = 1;
}

/// <summary>
/// A codebook beside one projection: where the input h at the prompt's last token is within ε_i of the nearest key
/// k_i, ‖h − k_i‖ ≤ ε_i, the output becomes v_i; elsewhere no bit changes. Hartvigsen et al. 2022,
/// arXiv:2211.11031.
/// </summary>
/// <remarks>
/// No weight says what it does, hence <see cref="TryMerge"/> gives null as long as there is an entry. Training changes
/// the values; the base is frozen while it is attached. Labels are compared token by token. A prompt ends before the
/// last answer of its row; where a pass does not say which tokens answer, all of it is the prompt, see
/// <see cref="ForwardInput.AnswerMask"/>. Entries come and go between passes. Dispose detaches.
/// </remarks>
public sealed class GraceCodebook : IModelAttachment, IProjectionDelta
{
    private const double Gap = 1e-5;

    private readonly CausalLM _model;
    private readonly ProjectionRef _target;
    private readonly GraceOptions _options;
    private readonly List<GraceEntry> _entries = [];
    private readonly IDisposable _freeze;
    private int _added;
    private int? _listener;
    private Tensor? _heard;

    private GraceCodebook(CausalLM model, string name, GraceOptions options, ProjectionRef target)
    {
        (_model, Name, _options, _target) = (model, name, options, target);
        _freeze = model.FreezeBase();
        target.Add(this);
        model.Attachments.Add(this);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool Active => _entries.Count > 0 || _listener is not null;

    /// <summary>The records, in the order of adding.</summary>
    public IReadOnlyList<GraceEntry> Entries => _entries;

    /// <inheritdoc/>
    public IEnumerable<(string Name, Parameter Value)> TrainableParameters =>
        _entries.Select(entry => ($"{Name}:value_{entry.Number}", entry.Value));

    /// <inheritdoc/>
    public IEnumerable<(string Name, Tensor Value)> Buffers =>
        _entries.SelectMany(entry =>
            new[]
            {
                ($"{Name}:key_{entry.Number}", entry.Key),
                ($"{Name}:radius_{entry.Number}", entry.Reach),
                ($"{Name}:label_{entry.Number}", entry.LabelIds),
            }
        );

    /// <summary>Puts an empty codebook on a projection; the output stays as it is.</summary>
    /// <param name="model">The model.</param>
    /// <param name="name">The codebook's name, for errors and checkpoints.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="InputException">The projection is not there, or is within experts or outside the
    /// blocks.</exception>
    public static GraceCodebook Attach(CausalLM model, string name, GraceOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        var usable = model.Projections.Where(p => p is { Layer: not null, Expert: null } && IsOfTokens(p)).ToArray();
        var target =
            Array.Find(usable, p => p.Path == options.Projection)
            ?? throw new InputException(
                $"Projection is '{options.Projection}'; allowed are those of the blocks outside experts, for example "
                    + $"{string.Join(", ", usable.Take(2).Select(p => p.Path))}."
            );
        return new(model, name, options, target);
    }

    /// <summary>The projection's input at the last token of a prompt [In] float32: the key of an edit.</summary>
    /// <param name="prompt">Token ids, at least one.</param>
    public Tensor Query(IReadOnlyList<int> prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var ids = tensor(prompt.Select(id => (long)id).ToArray(), [1, prompt.Count], device: _model.Device);
        _listener = Environment.CurrentManagedThreadId;
        try
        {
            _model.Forward(new() { TokenIds = ids, Logits = LogitsFor.None });
            return _heard!.alias().MoveToOuterDisposeScope();
        }
        finally
        {
            _heard?.Dispose();
            (_listener, _heard) = (null, null);
        }
    }

    /// <summary>
    /// Makes room for an edit: a new entry where no key is near, or where a near one has another label, whose radius
    /// then shrinks so that the two do not overlap; else the near entry, whose radius grows to cover the query.
    /// </summary>
    /// <param name="query">See <see cref="Query"/>.</param>
    /// <param name="label">Token ids that the edit is to produce.</param>
    /// <param name="value">The value of a new entry [Rows] float32; null draws it from the seed, in [0, 1).</param>
    /// <returns>The entry that answers for the query.</returns>
    public GraceEntry Add(Tensor query, IReadOnlyList<int> label, Tensor? value = null)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(label);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        if (_entries.Count == 0)
            return New(query, _options.Radius, label, value);
        var distances = Distances(query.unsqueeze(0));
        var nearest = _entries[(int)distances.argmin(1).item<long>()];
        double distance = distances.min().item<float>();
        if (distance > _options.Radius + nearest.Radius)
            return New(query, _options.Radius, label, value);
        if (nearest.Label.SequenceEqual(label))
        {
            nearest.Radius = Math.Max(nearest.Radius, distance);
            return nearest;
        }

        nearest.Radius = Math.Max(0, distance / 2 - Gap);
        return New(query, distance / 2, label, value);
    }

    /// <summary>Takes an edit back: outputs are again what they were without it.</summary>
    /// <exception cref="ArgumentException">The entry is not one of this codebook's.</exception>
    public void Remove(GraceEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (!_entries.Remove(entry))
            throw new ArgumentException($"The entry {entry.Number} is none of '{Name}'.", nameof(entry));
        entry.Dispose();
    }

    /// <inheritdoc/>
    public Tensor Apply(Tensor x, Tensor output, in DeltaContext context)
    {
        var pass = context.Pass ?? throw new InvalidOperationException($"'{Name}' was used outside of a pass.");
        using var scope = NewDisposeScope();
        var asks = LastAsking(pass, x.device); // [B], −1 where the prompt does not end here
        if (_listener == Environment.CurrentManagedThreadId)
            _heard = x[0, (int)asks[0]].detach().clone().DetachFromDisposeScope();
        if (_entries.Count == 0)
            return output;
        var chosen = Choose(x, asks);
        if (_options.Replaces == GraceReplacement.LastPromptTokenOnwards)
            Follow(pass, asks, chosen);
        return Array.TrueForAll(chosen, entry => entry is null)
            ? output
            : Replace(output, asks, chosen).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    /// <remarks>Without an entry, the weight as it is.</remarks>
    public Tensor? TryMerge(Tensor weight) => _entries.Count == 0 ? weight : null;

    /// <inheritdoc/>
    public void CopyTo(CausalLM copy)
    {
        ArgumentNullException.ThrowIfNull(copy);
        using var scope = NewDisposeScope();
        var other = new GraceCodebook(copy, Name, _options, copy.Projections.Single(p => p.Path == _target.Path));
        other._entries.AddRange(_entries.Select(entry => entry.Copy()));
        other._added = _added;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_model.Attachments.Remove(this))
            return;
        _target.Remove(this);
        foreach (var entry in _entries)
            entry.Dispose();
        _entries.Clear();
        _freeze.Dispose();
    }

    private static bool IsOfTokens(ProjectionRef projection) =>
        projection.Component is ModelComponent.Attention or ModelComponent.Mlp;

    private GraceEntry New(Tensor query, double radius, IReadOnlyList<int> label, Tensor? value)
    {
        var entry = new GraceEntry(_added++, query, radius, label, value ?? Drawn(_added).to(_model.Device));
        _entries.Add(entry);
        return entry;
    }

    private Tensor Drawn(int stream)
    {
        var random = new SeededRandom(SeededRandom.Derive(_options.Seed, (ulong)stream));
        return tensor(Enumerable.Range(0, (int)_target.RowCount).Select(_ => (float)random.Unit()).ToArray());
    }

    // [queries, entries]
    private Tensor Distances(Tensor queries) =>
        (queries.unsqueeze(1) - stack(_entries.Select(entry => entry.Key))).square().sum(-1).sqrt();

    // Where each row's last real token that asks is.
    private static long[] LastAsking(PassContext pass, Device device)
    {
        var none = Enumerable.Repeat(-1L, pass.Batch).ToArray();
        if (pass.Phase == KvPhase.PrefillChunk || (pass.Phase == KvPhase.Step && pass.AnswerMask is null))
            return none;
        var counted = arange(1, pass.Tokens + 1, device: device).unsqueeze(0);
        if (pass.RealTokens is { } real)
            counted = counted * real;
        if (pass.AnswerMask is { } answers)
            counted = counted * IsBeforeAnswer(answers);
        return (counted.expand(pass.Batch, pass.Tokens).amax([1]) - 1).cpu().data<long>().ToArray();
    }

    // [B, T]: tokens that ask and have an answer behind them; in rows without an answer, all.
    private static Tensor IsBeforeAnswer(Tensor answers)
    {
        var behind = answers.flip(1).to(ScalarType.Int64).cumsum(1).flip(1);
        return answers.logical_not() & (behind.gt(0) | behind.narrow(1, 0, 1).eq(0));
    }

    private GraceEntry?[] Choose(Tensor x, long[] asks)
    {
        var chosen = new GraceEntry?[asks.Length];
        int[] rows = [.. Enumerable.Range(0, asks.Length).Where(row => asks[row] >= 0)];
        if (rows.Length == 0)
            return chosen;
        using var grad = no_grad();
        var queries = stack(rows.Select(row => x[row, (int)asks[row]]));
        var distances = Distances(queries).cpu();
        var nearest = distances.argmin(1).data<long>().ToArray();
        for (var i = 0; i < rows.Length; i++)
        {
            var entry = _entries[(int)nearest[i]];
            if (distances[i, (int)nearest[i]].item<float>() <= entry.Radius)
                chosen[rows[i]] = entry;
        }

        return chosen;
    }

    // Rows whose prompt ended in an earlier pass go on with what was chosen there.
    private void Follow(PassContext pass, long[] asks, GraceEntry?[] chosen)
    {
        if (pass.Recall(this) is { } before)
        {
            for (var row = 0; row < chosen.Length; row++)
            {
                if (asks[row] < 0)
                    chosen[row] = _entries.Find(entry => entry.Number == before[row] - 1);
            }
        }

        pass.Remember(this, [.. chosen.Select(entry => entry is null ? 0L : entry.Number + 1)]);
    }

    private Tensor Replace(Tensor output, long[] asks, GraceEntry?[] chosen)
    {
        var none = zeros_like(_entries[0].Value);
        var values = stack(chosen.Select(entry => (Tensor?)entry?.Value ?? none)).unsqueeze(1); // [B, 1, Rows]
        var last = tensor(asks, device: output.device).unsqueeze(1);
        var matches = tensor(chosen.Select(entry => entry is not null).ToArray(), device: output.device).unsqueeze(1);
        var at = arange(output.shape[1], device: output.device).unsqueeze(0);
        var replaced = _options.Replaces == GraceReplacement.LastPromptToken ? at.eq(last) : at.ge(last);
        return where((replaced & matches).unsqueeze(-1), values, output);
    }
}
