using System.Globalization;

namespace Palimpsest.Evaluation;

/// <summary>Settings of the search for a suffix.</summary>
public sealed record GcgOptions
{
    /// <summary>Marks that the search begins with, at least 1.</summary>
    public int SuffixLength
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 8;

    /// <summary>Steps, at least 1.</summary>
    public int Steps
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 10;

    /// <summary>Replacements that are tried in a step, at least 1.</summary>
    public int Candidates
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 32;

    /// <summary>Tokens of each place among which a replacement is drawn, at least 1.</summary>
    public int TopK
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 32;

    /// <summary>Most facts for which one suffix is sought, at least 1.</summary>
    public int MostFacts
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 4;

    /// <summary>Seed of the replacements.</summary>
    public ulong Seed { get; init; } = 1;
}

/// <summary>Greedy coordinate gradient: one suffix to several questions that makes their answers likeliest. A step
/// takes the gradient of the answers' mean NLL with respect to the one-hot suffix, draws replacements of single tokens
/// among the k with the most negative gradient, and keeps the best one that is better than what there was. Zou et al.
/// 2023, arXiv:2307.15043.</summary>
/// <remarks>The suffix is text throughout: each replacement is decoded and read again before it is scored, so that what
/// was found is what a user can type.</remarks>
/// <param name="options">Settings.</param>
public sealed class Gcg(GcgOptions options)
{
    /// <summary>The settings in one line.</summary>
    internal string Settings =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{options.Steps} steps of {options.Candidates} of the {options.TopK} best, from {options.SuffixLength} "
                + $"marks, seed {options.Seed}"
        );

    /// <summary>Looks for a suffix.</summary>
    /// <param name="model">The model; its decoder is left as it is.</param>
    /// <param name="facts">Whose answers are to come; the first few count.</param>
    /// <param name="cancellationToken">Stops between steps.</param>
    /// <returns>The suffix, and the answers' mean NLL with the first marks and with it.</returns>
    public async Task<FoundSuffix> FindAsync(
        IScoredModel model,
        IReadOnlyList<Fact> facts,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(facts);
        var decoder = model.RequireWeights("The search for a suffix").Decoder;
        Fact[] asked = [.. facts.Take(options.MostFacts)];
        using var allowed = Allowed(model.Tokenizer, decoder.Config.VocabularySize);
        var random = new SeededRandom(options.Seed);
        var suffix = string.Join(' ', Enumerable.Repeat("!", options.SuffixLength));
        var first = (await LossesAsync(model, asked, [suffix], cancellationToken).ConfigureAwait(false))[0];
        var best = first;
        for (var step = 0; step < options.Steps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (ids, places) = BestTokens(model, decoder, asked, suffix, allowed);
            string[] tried =
            [
                .. Enumerable
                    .Range(0, options.Candidates)
                    .Select(_ => Replaced(model.Tokenizer, ids, places, random))
                    .Where(text => text.Length > 0 && text != suffix)
                    .Distinct(),
            ];
            if (tried.Length == 0)
                continue;
            var losses = await LossesAsync(model, asked, tried, cancellationToken).ConfigureAwait(false);
            var winner = losses.Index().MinBy(loss => loss.Item);
            if (winner.Item < best)
                (best, suffix) = (winner.Item, tried[winner.Index]);
        }

        return new(suffix, first, best);
    }

    /// <summary>The gradient of the target's token-mean NLL with respect to the one-hot tokens of a span, and that
    /// NLL.</summary>
    /// <param name="decoder">The model; no gradient of its weights is made.</param>
    /// <param name="ids">Prompt and target.</param>
    /// <param name="span">Tokens that may change.</param>
    /// <param name="target">Tokens whose NLL counts, after the span.</param>
    /// <returns>[S, V] float32, which the caller disposes, and the loss in nats.</returns>
    internal static (Tensor Gradient, double Loss) GradientOf(CausalLM decoder, int[] ids, Range span, Range target)
    {
        using var scope = NewDisposeScope();
        var (start, count) = span.GetOffsetAndLength(ids.Length);
        var (first, length) = target.GetOffsetAndLength(ids.Length);
        var tokens = tensor(ids.Select(id => (long)id).ToArray(), [1, ids.Length], device: decoder.Device);
        var embedded = decoder.Embed(tokens).detach().requires_grad_(true);
        var logits = decoder.Forward(new() { Embeddings = embedded }).Logits![0, (first - 1)..(first - 1 + length)];
        var loss = nn.functional.cross_entropy(logits, tokens[0, first..(first + length)]);
        var gradient = autograd.grad([loss], [embedded])[0][0, start..(start + count)];
        using var plain = no_grad();
        // Embeddings are linear in the one-hot tokens, so that one product gives every token's slope.
        var table = decoder.Embed(
            arange(decoder.Config.VocabularySize, dtype: ScalarType.Int64, device: decoder.Device)
        );
        return (gradient.matmul(table.transpose(0, 1)).MoveToOuterDisposeScope(), loss.item<float>());
    }

    /// <summary>The suffix's ids, and for each of them the allowed tokens of the most negative slope.</summary>
    private (int[] Ids, long[][] Places) BestTokens(
        IScoredModel model,
        CausalLM decoder,
        Fact[] facts,
        string suffix,
        Tensor allowed
    )
    {
        using var scope = NewDisposeScope();
        int[] ids = [];
        Tensor? sum = null;
        foreach (var fact in facts)
        {
            var sequence = model.EncodeAnswer($"{fact.Question} {suffix}", fact.Answer);
            var bare = model.EncodeAnswer(fact.Question, fact.Answer).Ids;
            var start = sequence.Ids.AsSpan().CommonPrefixLength(bare);
            var end = start + sequence.Ids.Length - bare.Length;
            if (end <= start || (sum is not null && end - start != ids.Length))
                continue;
            ids = sequence.Ids[start..end];
            var (gradient, _) = GradientOf(decoder, sequence.Ids, start..end, sequence.LabelStart..sequence.Ids.Length);
            sum = sum is null ? gradient : sum + gradient;
        }

        if (sum is null)
            return ([], []);
        var (_, best) = sum.add(allowed.to(sum.device))
            .topk(Math.Min(options.TopK, (int)sum.shape[1]), 1, largest: false);
        var flat = best.cpu().data<long>().ToArray();
        return (ids, [.. flat.Chunk(flat.Length / ids.Length)]);
    }

    private static string Replaced(Tokenizer tokenizer, int[] ids, long[][] places, SeededRandom random)
    {
        if (ids.Length == 0)
            return "";
        var place = random.Below(ids.Length);
        var changed = ids.ToArray();
        changed[place] = (int)places[place][random.Below(places[place].Length)];
        return tokenizer.Decode(changed).Trim();
    }

    private static async Task<double[]> LossesAsync(
        IScoredModel model,
        Fact[] facts,
        string[] suffixes,
        CancellationToken cancellationToken
    )
    {
        TokenSequence[] sequences =
        [
            .. suffixes.SelectMany(suffix =>
                facts.Select(fact => model.EncodeAnswer($"{fact.Question} {suffix}", fact.Answer))
            ),
        ];
        var scores = await model
            .ScoreAsync(sequences, new() { BatchSize = 64 }, cancellationToken)
            .ConfigureAwait(false);
        return [.. scores.Chunk(facts.Length).Select(of => of.Average(score => score.MeanNll))];
    }

    /// <summary>0 for tokens of printable ASCII, infinity for all others [V].</summary>
    private static Tensor Allowed(Tokenizer tokenizer, int vocabulary)
    {
        bool IsPlain(int id)
        {
            var text = id < tokenizer.VocabularySize ? tokenizer.Decode([id]) : "";
            return text.Trim().Length > 0 && text.All(letter => letter is >= ' ' and <= '~');
        }

        return tensor(Enumerable.Range(0, vocabulary).Select(id => IsPlain(id) ? 0 : float.PositiveInfinity).ToArray());
    }
}
