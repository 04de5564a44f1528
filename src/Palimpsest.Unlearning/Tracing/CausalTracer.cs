namespace Palimpsest.Unlearning;

/// <summary>
/// Finds where a model keeps facts: the subject's embeddings are corrupted by noise, and the clean state is put back at
/// one token and one layer; what brings the answer back holds it. Meng et al. 2022, arXiv:2202.05262, as used by
/// arXiv:2504.12996.
/// </summary>
/// <remarks>
/// The noise is z · factor · σ, z ~ N(0, 1), σ the deviation of the embeddings of all subjects together. A window
/// of w layers around l is l − ⌊w/2⌋ to l + ⌈w/2⌉ − 1, cut at the first and the last layer: heights near
/// these are of fewer layers. All tokens are corrupted in as many rows as there are draws, beside one that is clean.
/// </remarks>
/// <param name="options">Settings.</param>
public sealed class CausalTracer(CausalTracerOptions options)
{
    private const int MostLayers = 10;
    private const int Share = 3;

    /// <summary>Deviation of the noise for facts: factor times that of all numbers of all their subjects'
    /// embeddings.</summary>
    /// <param name="model">The model.</param>
    /// <param name="facts">At least one.</param>
    public double NoiseLevel(CausalLM model, IReadOnlyList<TracedFact> facts)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(facts);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        long[] ids = [.. facts.SelectMany(Subject).Select(id => (long)id)];
        return options.Noise * model.Embed(tensor(ids, device: model.Device)).std().item<float>();
    }

    /// <summary>Traces a fact; null where the model does not know it, since another token is likelier.</summary>
    /// <param name="model">The model; it is left as it is.</param>
    /// <param name="fact">The fact.</param>
    /// <param name="noiseLevel">Deviation of the noise, see <see cref="NoiseLevel"/>.</param>
    /// <param name="part">What is restored.</param>
    /// <param name="cancellationToken">Stops between passes.</param>
    /// <exception cref="InputException">The subject is no part of the prompt.</exception>
    public CausalTrace? Trace(
        CausalLM model,
        TracedFact fact,
        double noiseLevel,
        TracedPart part,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        using var scope = NewDisposeScope();
        var noise = Draw(fact, model.Config.HiddenSize) * noiseLevel;
        return Trace(model, fact, noise.to(model.Device), (part, WindowOf(model.Config.Layers)), cancellationToken);
    }

    /// <summary>The same at the subject's last token alone: the answer's probability clean, corrupted, and by layer
    /// with the clean state put back.</summary>
    /// <param name="model">The model; it is left as it is.</param>
    /// <param name="fact">The fact.</param>
    /// <param name="noiseLevel">Deviation of the noise, see <see cref="NoiseLevel"/>.</param>
    /// <param name="part">What is restored.</param>
    /// <param name="cancellationToken">Stops between passes.</param>
    /// <exception cref="InputException">The subject is no part of the prompt.</exception>
    public (double Clean, double Corrupted, double[] Restored) TraceSubject(
        CausalLM model,
        TracedFact fact,
        double noiseLevel,
        TracedPart part,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var noise = (Draw(fact, model.Config.HiddenSize) * noiseLevel).to(model.Device);
        var (clean, corrupted, _) = Probabilities(model, fact, noise, null, null);
        var window = (part, WindowOf(model.Config.Layers));
        return (clean, corrupted, Restored(model, fact, noise, window, fact.SubjectEnd - 1, cancellationToken));
    }

    /// <summary>The fact that a row's answer says of its subject.</summary>
    /// <param name="model">The model.</param>
    /// <param name="row">A row with its answer.</param>
    /// <param name="subject">The subject's tokens within the prompt: first, and one past the last.</param>
    /// <param name="noiseLevel">Deviation of the noise.</param>
    /// <returns>The fact of the answer token that loses most of its probability by the noise, of those that are
    /// likeliest without it; null where there is none.</returns>
    public TracedFact? MostDependent(CausalLM model, TokenSequence row, (int Start, int End) subject, double noiseLevel)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(row);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var whole = new TracedFact(row.Ids, subject.Start, subject.End, Answer: 0);
        Require(whole);
        var noise = Draw(whole, model.Config.HiddenSize) * noiseLevel;
        var logits = Logits(model, whole, noise.to(model.Device), null, null);
        var likeliest = logits[0].argmax(-1).cpu().data<long>().ToArray();
        var next = tensor(row.Ids.Skip(1).Select(id => (long)id).ToArray(), device: model.Device);
        var probabilities = logits
            .narrow(1, 0, row.Ids.Length - 1)
            .softmax(-1)
            .gather(-1, next.view(1, -1, 1).expand(options.Draws + 1, -1, 1))
            .squeeze(-1); // [draws + 1, T - 1]
        var lost = (probabilities[0] - probabilities.narrow(0, 1, options.Draws).mean([0]))
            .cpu()
            .data<float>()
            .ToArray();
        var found = Enumerable
            .Range(1, row.Ids.Length - 1)
            .Where(at => row.IsLabelled(at) && at >= subject.End && likeliest[at - 1] == row.Ids[at])
            .Where(at => lost[at - 1] > 0)
            .OrderByDescending(at => lost[at - 1])
            .FirstOrDefault();
        return found == 0 ? null : new(row.Ids[..found], subject.Start, subject.End, row.Ids[found]);
    }

    /// <summary>Traces with given noise [draws, subject tokens, D], in the embeddings' units.</summary>
    internal static CausalTrace? Trace(
        CausalLM model,
        TracedFact fact,
        Tensor noise,
        (TracedPart Part, int Window) restored,
        CancellationToken cancellationToken
    )
    {
        Require(fact);
        using var grad = no_grad();
        var (clean, corrupted, isLikeliest) = Probabilities(model, fact, noise, null, null);
        if (!isLikeliest)
            return null;
        var table = new double[fact.Prompt.Count, model.Config.Layers];
        for (var token = 0; token < fact.Prompt.Count; token++)
        {
            var at = Restored(model, fact, noise, restored, token, cancellationToken);
            for (var layer = 0; layer < at.Length; layer++)
                table[token, layer] = at[layer];
        }

        return new(clean, corrupted, table);
    }

    /// <summary>By layer, the answer's probability with the clean state put back at one token.</summary>
    private static double[] Restored(
        CausalLM model,
        TracedFact fact,
        Tensor noise,
        (TracedPart Part, int Window) restored,
        int token,
        CancellationToken cancellationToken
    )
    {
        var result = new double[model.Config.Layers];
        for (var layer = 0; layer < result.Length; layer++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var sites = Sites(restored.Part, layer, restored.Window, result.Length);
            result[layer] = Probabilities(model, fact, noise, sites, [token]).Corrupted;
        }

        return result;
    }

    /// <summary>The answer's probability, clean and corrupted, with the clean states put back at tokens.</summary>
    internal static (double Clean, double Corrupted, bool IsLikeliest) Probabilities(
        CausalLM model,
        TracedFact fact,
        Tensor noise,
        IReadOnlyList<TapSite>? sites,
        IReadOnlyList<int>? tokens
    )
    {
        using var scope = NewDisposeScope();
        var last = Logits(model, fact, noise, sites, tokens).select(1, fact.Prompt.Count - 1); // [draws + 1, V]
        var of = last.softmax(-1).select(1, fact.Answer);
        return (
            of[0].item<float>(),
            of.narrow(0, 1, of.shape[0] - 1).mean().item<float>(),
            last[0].argmax().item<long>() == fact.Answer
        );
    }

    /// <summary>The sites of a window around a layer.</summary>
    internal static IReadOnlyList<TapSite> Sites(TracedPart part, int layer, int window, int layers)
    {
        if (part == TracedPart.Block)
            return [new(layer, TapPoint.BlockOutput)];
        var point = part == TracedPart.Mlp ? TapPoint.MlpOutput : TapPoint.AttentionOutput;
        var (first, end) = (Math.Max(0, layer - window / 2), Math.Min(layers, layer + (window + 1) / 2));
        return [.. Enumerable.Range(first, end - first).Select(of => new TapSite(of, point))];
    }

    private int WindowOf(int layers) => options.Window ?? Math.Min(MostLayers, (layers + Share - 1) / Share);

    private Tensor Draw(TracedFact fact, int width)
    {
        Require(fact);
        var values = new float[options.Draws * (fact.SubjectEnd - fact.SubjectStart) * width];
        var random = new SeededRandom(options.Seed);
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)random.Normal();
        return tensor(values, [options.Draws, fact.SubjectEnd - fact.SubjectStart, width]);
    }

    private static Tensor Logits(
        CausalLM model,
        TracedFact fact,
        Tensor noise,
        IReadOnlyList<TapSite>? sites,
        IReadOnlyList<int>? tokens
    )
    {
        var row = tensor(fact.Prompt.Select(id => (long)id).ToArray(), device: model.Device).unsqueeze(0);
        var states = sites is null ? [] : States(model, row, sites);
        var all = cat([zeros_like(noise.narrow(0, 0, 1)), noise]); // the first row stays clean
        using (model.Attach(new TracingTap(fact.SubjectStart, all, states, tokens ?? [])))
            return model.Forward(new() { TokenIds = row.expand(all.shape[0], -1) }).Logits!;
    }

    /// <summary>The clean states [T, D] at sites.</summary>
    private static Dictionary<TapSite, Tensor> States(CausalLM model, Tensor row, IReadOnlyList<TapSite> sites)
    {
        using var recorder = new ActivationRecorder(sites);
        using (model.Attach(recorder))
            model.Forward(new() { TokenIds = row, Logits = LogitsFor.None });
        return sites.ToDictionary(site => site, site => recorder[site.Layer!.Value, site.Point][0].clone());
    }

    private static IEnumerable<int> Subject(TracedFact fact)
    {
        Require(fact);
        return fact.Prompt.Take(fact.SubjectStart..fact.SubjectEnd);
    }

    private static void Require(TracedFact fact)
    {
        ArgumentNullException.ThrowIfNull(fact);
        if (fact.SubjectStart < 0 || fact.SubjectEnd <= fact.SubjectStart || fact.SubjectEnd > fact.Prompt.Count)
            throw new InputException(
                $"The subject's tokens {fact.SubjectStart} to {fact.SubjectEnd} are no part of the prompt, which has "
                    + $"{fact.Prompt.Count}."
            );
    }
}
