namespace Palimpsest.Inference;

/// <summary>Settings of <see cref="EmbeddingNoise"/>.</summary>
public sealed record EmbeddingNoiseOptions
{
    /// <summary>Standard deviation σ of the noise on each number, in [0, 1000].</summary>
    public double Deviation
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1000);
    } = 1;

    /// <summary>Seed of the draws.</summary>
    public ulong Seed { get; init; } = 1;
}

/// <summary>
/// Corrupts prompts that a guard has flagged: e' = e + σ·z on the embeddings of the prompt's tokens, z ~ N(0, I);
/// answers and prompts without a flag stay as they are, bit for bit. Liu et al. 2024, arXiv:2406.07933
/// (embedding-corrupted prompts, with noise on every number of every token).
/// </summary>
/// <remarks>
/// A token's noise depends on the seed, the prompt's <see cref="Prompt.Flag"/> and the token's position alone: not on
/// the rows beside it, on padding, or on how the prompt is cut into passes. Attach it to a model with
/// <see cref="CausalLM.Attach"/>.
/// </remarks>
/// <param name="options">Settings.</param>
public sealed class EmbeddingNoise(EmbeddingNoiseOptions options) : ITap
{
    /// <inheritdoc/>
    public IReadOnlyList<TapSite> Sites { get; } = [new(0, TapPoint.TokenEmbedding)];

    /// <inheritdoc/>
    public Tensor Apply(Tensor activation, in TapContext context)
    {
        var pass = context.Pass;
        if (!pass.HasFlags || (pass.Phase == KvPhase.Step && pass.AnswerMask is null))
            return activation;
        using var scope = NewDisposeScope();
        var (rows, tokens, width) = (pass.Batch, pass.Tokens, (int)activation.shape[2]);
        var positions = context.Positions().cpu().contiguous().data<long>().ToArray();
        var answers = pass.AnswerMask?.cpu().contiguous().data<bool>().ToArray();
        var real = pass.RealTokens?.cpu().contiguous().data<bool>().ToArray();
        var noise = new float[(long)rows * tokens * width];
        var any = false;
        for (var token = 0; token < rows * tokens; token++)
        {
            var flag = pass.Flag(token / tokens);
            if (flag == 0 || answers?[token] == true || real?[token] == false)
                continue;
            Draw(noise.AsSpan(token * width, width), flag, positions[token]);
            any = true;
        }

        return any
            ? (activation + tensor(noise, activation.shape, device: activation.device)).MoveToOuterDisposeScope()
            : activation;
    }

    private void Draw(Span<float> noise, long flag, long position)
    {
        var stream = SeededRandom.Derive(SeededRandom.Derive(options.Seed, (ulong)flag), (ulong)position);
        var random = new SeededRandom(stream);
        for (var i = 0; i < noise.Length; i++)
            noise[i] = (float)(options.Deviation * random.Normal());
    }
}
