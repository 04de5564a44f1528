using System.Runtime.InteropServices;

namespace Palimpsest.Models;

public sealed partial class CausalLM
{
    /// <summary>Training, scoring, prefill and decode.</summary>
    /// <remarks>The caller disposes the tensors of the result. With a cache no gradient is recorded unless the input
    /// says so.</remarks>
    /// <exception cref="ArgumentException">More tokens than positions, or shapes that do not fit.</exception>
    /// <exception cref="InputException">A token id outside the vocabulary.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public ForwardOutput Forward(ForwardInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (input.Cache is { Length: 0 } empty)
            empty.Notes.Clear();
        var past = input.Cache?.Length ?? 0;
        var output = Run(input);
        if (input.Cache is { } cache)
        {
            var tokens = cache.Length - past;
            cache.Reader = this;
            cache.Record.Add(input, tokens, PhaseOf(input, tokens, past));
        }

        return output;
    }

    private static KvPhase PhaseOf(ForwardInput input, int tokens, int past) =>
        input.Phase ?? (tokens == 1 && past > 0 ? KvPhase.Step : KvPhase.PrefillEnd);

    private ForwardOutput Run(ForwardInput input)
    {
        using var scope = NewDisposeScope();
        using var grad = input.Cache is null || input.RecordsGradient ? null : no_grad();
        var (batch, tokens) = CheckShapes(input);
        var past = input.Cache?.Length ?? 0;
        using var mask = new AttentionMask(input.AttentionMask, tokens, past, Device, input.HidesPadding);
        var (positions, length) = Locate(input, mask, past, tokens);
        var embeddings = input.Embeddings ?? LookUp(input.TokenIds!, [batch, tokens, Config.HiddenSize]);
        var phase = PhaseOf(input, tokens, past);
        if (input.Cache is { } cache)
        {
            if (input.Flags is not null)
                cache.Notes.Flags = [.. input.Flags];
            if (phase != KvPhase.Step)
                cache.Notes.PromptEnd = past + tokens;
        }

        if (input.Cache is { } reread && _rotary is { DependsOnLength: true })
        {
            reread.Remember(embeddings);
            if (past > 0 && _rotary.Variant(length) != reread.RotaryVariant)
                return ReadAgain(input, reread, tokens, phase);
            reread.RotaryVariant = _rotary.Variant(length);
        }

        using var state = new ForwardState
        {
            Input = input,
            Past = past,
            Located = positions,
            Flags = input.Flags ?? input.Cache?.Notes.Flags,
            Batch = batch,
            Tokens = tokens,
            Mask = mask,
            Taps = _taps,
            Cache = input.Cache,
            Rotary = Angles(input, positions, past, tokens, length),
            Phase = phase,
            RotaryEmbedding = _rotary,
            Positions = input.Cache is { NeedsPositions: true }
                ? positions ?? arange(past, past + tokens, device: Device).unsqueeze(0)
                : null,
        };
        var hidden = RunBlocks(Enter(embeddings, state), input, state, out var routers);
        if (input.Cache is { Policy.WantsSurprise: true } told)
            Tell(told, hidden, state);
        return Release(hidden, Logits(hidden, tokens, input.Logits), routers);
    }

    private RotaryTables? Angles(ForwardInput input, Tensor? positions, int past, int tokens, int length)
    {
        if (_rotary is null || input.Cache is { IsRelative: true })
            return null;
        return positions is null ? _rotary.At(past, tokens, length) : _rotary.At(positions, length);
    }

    private Tensor RunBlocks(Tensor x, ForwardInput input, ForwardState state, out IReadOnlyList<RouterTrace> routers)
    {
        input.Cache?.Begin(state.Tokens, state.Mask.Real, state.Phase);
        foreach (var block in _blocks)
        {
            var next = block.Forward(x, state);
            if (!ReferenceEquals(x, input.Embeddings))
                x.Dispose();
            x = next;
        }

        input.Cache?.Advance(state.Tokens);
        routers = state.Routers;
        return state.Tap(_finalNorm.forward(x), Config.Layers, TapPoint.FinalNorm);
    }

    /// <summary>
    /// Reads all tokens once more: the sequence has grown to where every token's angles are others, so that the keys in
    /// the cache no longer fit.
    /// </summary>
    private ForwardOutput ReadAgain(ForwardInput input, KvCache cache, int tokens, KvPhase phase)
    {
        var embeddings = cache.History!.alias();
        var (rows, all) = (embeddings.shape[0], embeddings.shape[1]);
        cache.TakeBack(0);
        var start = (int)embeddings.shape[1] - tokens;
        var positions = input.Positions is null
            ? null
            : cat([CountReal(input.AttentionMask, (int)embeddings.shape[0], start), input.Positions], 1);
        var answers = arange(all, device: Device).ge(cache.Notes.PromptEnd).expand(rows, all);
        var output = Run(
            input with
            {
                TokenIds = null,
                Embeddings = embeddings,
                Positions = positions,
                Phase = phase,
                AnswerMask = answers,
            }
        );
        return new(
            output.Hidden.narrow(1, start, tokens).MoveToOuterDisposeScope(),
            (
                input.Logits == LogitsFor.AllTokens ? output.Logits!.narrow(1, start, tokens) : output.Logits
            )?.MoveToOuterDisposeScope(),
            [
                .. output.Routers.Select(r => new RouterTrace(
                    r.Layer,
                    r.Logits.narrow(1, start, tokens).MoveToOuterDisposeScope(),
                    r.Probabilities.narrow(1, start, tokens).MoveToOuterDisposeScope(),
                    r.TopExperts.narrow(1, start, tokens).MoveToOuterDisposeScope()
                )),
            ]
        );
    }

    private Tensor CountReal(Tensor? mask, int batch, int tokens) =>
        mask is null
            ? arange(tokens, device: Device).expand(batch, tokens)
            : (mask.narrow(1, 0, tokens).to(ScalarType.Int64).cumsum(1) - 1).clamp(0);

    private static ForwardOutput Release(Tensor hidden, Tensor? logits, IReadOnlyList<RouterTrace> routers)
    {
        foreach (var trace in routers)
            trace.MoveToOuterScope();
        return new(hidden.MoveToOuterDisposeScope(), logits?.MoveToOuterDisposeScope(), routers);
    }

    private Tensor? Logits(Tensor hidden, int tokens, LogitsFor which) =>
        which switch
        {
            LogitsFor.None => null,
            LogitsFor.LastToken => HeadLogits(tokens == 1 ? hidden : hidden.narrow(1, tokens - 1, 1)),
            _ => HeadLogits(hidden),
        };

    private (int Batch, int Tokens) CheckShapes(ForwardInput input)
    {
        var given =
            input.Embeddings
            ?? input.TokenIds
            ?? throw new ArgumentException("Either token ids or embeddings must be given.", nameof(input));
        var shape = given.shape;
        var fits = input.Embeddings is null ? shape.Length == 2 : shape.Length == 3 && shape[2] == Config.HiddenSize;
        if (!fits || shape[0] < 1 || shape[1] < 1)
        {
            throw new ArgumentException(
                input.Embeddings is null
                    ? $"Token ids are [{string.Join(", ", shape)}]; allowed is [B, T]."
                    : $"Embeddings are [{string.Join(", ", shape)}]; allowed is [B, T, {Config.HiddenSize}].",
                nameof(input)
            );
        }

        var (batch, tokens) = ((int)shape[0], (int)shape[1]);
        var length = tokens + (input.Cache?.Length ?? 0);
        if (input.Cache is { } cache && cache.Batch != batch)
            throw new ArgumentException($"The cache has {cache.Batch} rows, the input {batch}.", nameof(input));
        if (input.AttentionMask is { } mask && !mask.shape.SequenceEqual([batch, length]))
            throw new ArgumentException(
                $"The attention mask is [{string.Join(", ", mask.shape)}]; allowed is [{batch}, {length}].",
                nameof(input)
            );
        if (input.AnswerMask is { } answers && !answers.shape.SequenceEqual([batch, tokens]))
            throw new ArgumentException(
                $"The answer mask is [{string.Join(", ", answers.shape)}]; allowed is [{batch}, {tokens}].",
                nameof(input)
            );
        if (input.Flags is { } flags && flags.Count != batch)
            throw new ArgumentException($"There are {flags.Count} flags for {batch} rows.", nameof(input));
        if (input is { Positions: not null, Cache.Policy: not null })
            throw new ArgumentException("A cache with a policy counts its positions itself.", nameof(input));
        if (input.Positions is { } positions && !positions.shape.SequenceEqual([batch, tokens]))
            throw new ArgumentException(
                $"The positions are [{string.Join(", ", positions.shape)}]; allowed is [{batch}, {tokens}].",
                nameof(input)
            );
        return (batch, tokens);
    }

    /// <summary>Positions [B, T], or null when they count up from <paramref name="past"/>, and the length that they
    /// reach.</summary>
    private (Tensor? Positions, int Length) Locate(ForwardInput input, AttentionMask mask, int past, int tokens)
    {
        var length = past + tokens;
        var positions =
            input.Positions
            ?? (
                mask.Shifting is { } real
                    ? (real.to(ScalarType.Int64).cumsum(1).narrow(1, past, tokens) - 1).clamp_(0)
                    : null
            );
        if (
            input.Positions is not null
            || (positions is not null && (length > Config.LongestSequence || _rotary is { DependsOnLength: true }))
        )
            length = (int)Math.Min(int.MaxValue - 1, positions!.max().item<long>()) + 1;
        return length <= Config.LongestSequence || input.Cache is { IsRelative: true }
            ? (positions, length)
            : throw new ArgumentException(
                $"The sequence has {length} tokens; the model has {Config.LongestSequence} positions.",
                nameof(input)
            );
    }

    /// <summary>What enters the first block: embeddings with scale and learned positions.</summary>
    private Tensor Enter(Tensor embeddings, ForwardState state)
    {
        var x = state.Tap(embeddings, 0, TapPoint.TokenEmbedding);
        if (Config.EmbeddingScale != 1)
            x = x * Config.EmbeddingScale;
        if (_positions is not null)
            x =
                x
                + (
                    state.Located is not { } positions
                        ? _positions.narrow(0, state.Past, state.Tokens)
                        : _positions
                            .index_select(0, positions.reshape(-1))
                            .view(state.Batch, state.Tokens, Config.HiddenSize)
                );
        return state.Tap(x, 0, TapPoint.Embedding);
    }

    private Tensor LookUp(Tensor ids, long[] shape)
    {
        if (_embedding.Projection is CodedProjection codes)
        {
            RequireKnown(ids, null);
            return codes.Rows(ids).view(shape);
        }

        try
        {
            return EmbeddingWeight.index_select(0, ids.reshape(-1)).view(shape);
        }
        catch (ExternalException error)
        {
            RequireKnown(ids, error);
            throw;
        }
    }

    private void RequireKnown(Tensor ids, Exception? error)
    {
        var (least, most) = (ids.min().item<long>(), ids.max().item<long>());
        if (least >= 0 && most < Config.VocabularySize)
            return;
        var message =
            $"Token id {(least < 0 ? least : most)} is outside the model's vocabulary of {Config.VocabularySize}.";
        throw error is null ? new InputException(message) : new InputException(message, error);
    }
}
