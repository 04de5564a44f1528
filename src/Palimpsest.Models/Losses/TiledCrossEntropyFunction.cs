namespace Palimpsest.Models;

/// <summary>The autograd node of <see cref="TiledCrossEntropy"/>: (E, C, bias, labels, options) → nll above
/// log-sum-exp [2, N].</summary>
/// <remarks>One output, since TorchSharp cannot fill in the gradient of an unused second one once a dispose scope has
/// closed.</remarks>
internal sealed class TiledCrossEntropyFunction : autograd.MultiTensorFunction<TiledCrossEntropyFunction>
{
    private const long KeptElements = 8 << 20;

    /// <inheritdoc/>
    public override string Name => nameof(TiledCrossEntropyFunction);

    /// <summary>True when the logits are few enough to be kept for the backward pass.</summary>
    internal static bool Keeps(long rows, long vocabulary) => rows * vocabulary <= KeptElements;

    /// <inheritdoc/>
    public override List<Tensor> forward(autograd.AutogradContext context, params object[] arguments)
    {
        var (hidden, classifier, bias, labels) = (
            (Tensor)arguments[0],
            (Tensor)arguments[1],
            arguments[2] as Tensor,
            (Tensor)arguments[3]
        );
        var options = (TiledCrossEntropyOptions)arguments[4];
        using var scope = NewDisposeScope();
        long rows = hidden.shape[0],
            vocabulary = classifier.shape[0];
        var keeps =
            Keeps(rows, vocabulary) && options is { RowTile: 0, VocabularyTile: 0, FilterEpsilon: null, SoftCap: null };
        var largest = full([rows], double.NegativeInfinity, dtype: ScalarType.Float32, device: hidden.device);
        var sums = zeros(rows, device: hidden.device);
        var target = Target(hidden, classifier, bias, labels, options);
        var mean = options is { FilterEpsilon: not null, SortVocabulary: true }
            ? zeros(vocabulary, device: hidden.device)
            : null;
        Tensor? kept = null;
        foreach (var tile in CrossEntropyTile.Cut(rows, vocabulary, options, keeps, order: null))
        {
            using var step = NewDisposeScope();
            var logits = tile.Logits(hidden, classifier, bias, options);
            if (rows == 0)
                continue;
            mean?.narrow(0, tile.FirstEntry, tile.Entries).add_(logits.sum(dim: 0), 1.0 / rows);
            Add(logits, (largest.narrow(0, tile.FirstRow, tile.Rows), sums.narrow(0, tile.FirstRow, tile.Rows)));
            if (keeps)
                kept = logits.MoveToOuterDisposeScope();
        }

        // What is saved is read only after this method has returned: it must outlive the scope here.
        largest.MoveToOuterDisposeScope();
        sums.MoveToOuterDisposeScope();
        kept?.MoveToOuterDisposeScope();
        var order = mean?.argsort().MoveToOuterDisposeScope();
        List<Tensor> saved =
        [
            hidden,
            classifier,
            labels,
            largest,
            sums,
            .. new[] { bias, kept, order }.OfType<Tensor>(),
        ];
        context.save_for_backward(saved);
        context.save_data(
            "layout",
            (bias is not null, kept is not null, mean is not null, classifier.requires_grad, options)
        );
        var logSums = sums.log();
        return [stack([largest - target + logSums, largest + logSums]).MoveToOuterDisposeScope()];
    }

    private static void Add(Tensor logits, (Tensor Largest, Tensor Sums) running)
    {
        if (CrossEntropyKernel.Supports(logits))
        {
            CrossEntropyKernel.AddExponentials(logits, running);
            return;
        }

        var now = maximum(running.Largest, logits.amax([1]));
        var own = (logits - now.unsqueeze(1)).exp_().sum(1);
        running.Sums.mul_((running.Largest - now).exp_()).add_(own);
        running.Largest.copy_(now);
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext context, List<Tensor> gradients)
    {
        var (hasBias, hasKept, hasOrder, learnsClassifier, options) = ((
            bool,
            bool,
            bool,
            bool,
            TiledCrossEntropyOptions
        ))
            context.get_data("layout");
        using var scope = NewDisposeScope();
        var saved = context.get_saved_variables();
        var (hidden, classifier, labels) = (saved[0], saved[1], saved[2]);
        var (largest, sums) = (saved[3], saved[4]);
        var next = 5;
        var bias = hasBias ? saved[next++] : null;
        var kept = hasKept ? saved[next++] : null;
        var order = hasOrder ? saved[next] : null;
        var nllGradient = gradients[0].select(0, 0);
        var bothGradients = gradients[0].sum(dim: 0);
        long rows = hidden.shape[0],
            vocabulary = classifier.shape[0];
        var hiddenGradient = zeros_like(hidden);
        var classifierGradient = learnsClassifier ? zeros_like(classifier) : null;
        var biasGradient = bias is null ? null : zeros_like(bias);
        foreach (var tile in CrossEntropyTile.Cut(rows, vocabulary, options, kept is not null, order))
        {
            if (rows == 0)
                break;
            using var step = NewDisposeScope();
            Accumulate(
                tile,
                kept,
                options,
                (hidden, classifier, bias, labels, largest, sums),
                (nllGradient, bothGradients),
                (hiddenGradient, classifierGradient, biasGradient)
            );
        }

        return
        [
            hiddenGradient.MoveToOuterDisposeScope(),
            classifierGradient?.MoveToOuterDisposeScope()!,
            biasGradient?.MoveToOuterDisposeScope()!,
            null!,
            null!,
        ];
    }

    private static void Accumulate(
        CrossEntropyTile tile,
        Tensor? kept,
        TiledCrossEntropyOptions options,
        (Tensor Hidden, Tensor Classifier, Tensor? Bias, Tensor Labels, Tensor Largest, Tensor Sums) saved,
        (Tensor Nll, Tensor Both) upstream,
        (Tensor Hidden, Tensor? Classifier, Tensor? Bias) gradients
    )
    {
        var logits = kept ?? tile.Logits(saved.Hidden, saved.Classifier, saved.Bias, options);
        if (
            options is { SoftCap: null, FilterEpsilon: null }
            && tile.Order is null
            && CrossEntropyKernel.Supports(logits)
        )
        {
            AccumulateFused(tile, (logits, kept is null ? logits : empty_like(logits)), saved, upstream, gradients);
            options.TileVisited?.Invoke(false);
            return;
        }

        var slope = options.SoftCap is { } cap ? 1 - (logits / cap).square() : null;
        var softmax = (logits - saved.Largest.narrow(0, tile.FirstRow, tile.Rows).unsqueeze(1)).exp_();
        softmax.div_(saved.Sums.narrow(0, tile.FirstRow, tile.Rows).unsqueeze(1));
        var (targetRows, targetEntries) = tile.Targets(saved.Labels);
        var filtered = options.FilterEpsilon is { } epsilon && IsBelow(softmax, targetRows, targetEntries, epsilon);
        options.TileVisited?.Invoke(filtered);
        if (filtered && options.FilterHidden && (options.FilterClassifier || gradients.Classifier is null))
            return;
        softmax.mul_(upstream.Both.narrow(0, tile.FirstRow, tile.Rows).unsqueeze(1));
        var minus = upstream.Nll.narrow(0, tile.FirstRow, tile.Rows).index_select(0, targetRows).neg();
        softmax.index_put_(minus, [TensorIndex.Tensor(targetRows), TensorIndex.Tensor(targetEntries)], true);
        if (slope is not null)
            softmax.mul_(slope);
        if (!(filtered && options.FilterHidden))
            gradients.Hidden.narrow(0, tile.FirstRow, tile.Rows).addmm_(softmax, tile.EntriesOf(saved.Classifier));
        if (gradients.Classifier is not null && !(filtered && options.FilterClassifier))
            tile.AddRows(gradients.Classifier, softmax.t(), saved.Hidden.narrow(0, tile.FirstRow, tile.Rows));
        if (gradients.Bias is not null)
            tile.Add(gradients.Bias, softmax.sum(dim: 0));
    }

    // Kept logits are not overwritten: a graph that is retained is walked again.
    private static void AccumulateFused(
        CrossEntropyTile tile,
        (Tensor From, Tensor To) logits,
        (Tensor Hidden, Tensor Classifier, Tensor? Bias, Tensor Labels, Tensor Largest, Tensor Sums) saved,
        (Tensor Nll, Tensor Both) upstream,
        (Tensor Hidden, Tensor? Classifier, Tensor? Bias) gradients
    )
    {
        CrossEntropyKernel.Gradient(
            logits.From,
            logits.To,
            (
                saved.Largest.narrow(0, tile.FirstRow, tile.Rows),
                saved.Sums.narrow(0, tile.FirstRow, tile.Rows),
                TensorMemory.Contiguous(saved.Labels).narrow(0, tile.FirstRow, tile.Rows)
            ),
            (
                TensorMemory.Contiguous(upstream.Nll).narrow(0, tile.FirstRow, tile.Rows),
                upstream.Both.narrow(0, tile.FirstRow, tile.Rows)
            ),
            tile.FirstEntry
        );
        gradients.Hidden.narrow(0, tile.FirstRow, tile.Rows).addmm_(logits.To, tile.EntriesOf(saved.Classifier));
        if (gradients.Classifier is not null)
            tile.AddRows(gradients.Classifier, logits.To.t(), saved.Hidden.narrow(0, tile.FirstRow, tile.Rows));
        if (gradients.Bias is not null)
            tile.Add(gradients.Bias, logits.To.sum(dim: 0));
    }

    private static bool IsBelow(Tensor softmax, Tensor rows, Tensor entries, double epsilon)
    {
        using var scope = NewDisposeScope();
        var difference = softmax.clone();
        var one = full([rows.shape[0]], -1f, device: softmax.device);
        difference.index_put_(one, [TensorIndex.Tensor(rows), TensorIndex.Tensor(entries)], true);
        return difference.abs().max().item<float>() < epsilon;
    }

    /// <summary>The logit of each row's label [N].</summary>
    internal static Tensor Target(
        Tensor hidden,
        Tensor classifier,
        Tensor? bias,
        Tensor labels,
        TiledCrossEntropyOptions options
    )
    {
        var logits =
            CrossEntropyKernel.Supports(hidden) && CrossEntropyKernel.Supports(classifier)
                ? CrossEntropyKernel.RowDots(hidden, classifier, TensorMemory.Contiguous(labels))
                : (hidden * classifier.index_select(0, labels)).sum(-1);
        return Cap(bias is null ? logits : logits + bias.index_select(0, labels), options);
    }

    private static Tensor Cap(Tensor logits, TiledCrossEntropyOptions options) =>
        options.SoftCap is { } cap ? (logits / cap).tanh() * cap : logits;
}
