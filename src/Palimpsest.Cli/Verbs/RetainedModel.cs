using Palimpsest.Evaluation;

namespace Palimpsest.Cli.Verbs;

/// <summary>What TOFU compares with: a retained model, or the results that were written for it.</summary>
/// <param name="path">A model, a TOFU_EVAL.json, or null for neither.</param>
/// <param name="candidate">How the model beside it is held.</param>
/// <param name="tokenizer">The tokenizer of the model beside it.</param>
internal sealed class RetainedModel(string? path, ModelOptions candidate, Tokenizer tokenizer)
{
    /// <summary>The reference; null without one.</summary>
    /// <exception cref="InputException">The file is no such result, or the tokenizers differ.</exception>
    public async Task<TofuReference?> MeasureAsync(
        TofuData rows,
        TofuOptions options,
        StageFolder stages,
        IProgress<TaskProgress> progress,
        CancellationToken cancellationToken
    )
    {
        if (path is null)
            return null;
        if (File.Exists(path) && !path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))
            return TofuReference.Read(path);
        using var model = candidate.LoadOther(path, cancellationToken);
        if (tokenizer.FirstDifference(model.Tokenizer) is { } difference)
            throw new InputException($"--retained: {path}: the tokenizer is not that of --model: {difference}.");
        var withoutNorm = options with { GradientNorm = false };
        var result = await TofuBenchmark
            .RunAsync(model, rows, withoutNorm, null, progress, stages, cancellationToken)
            .ConfigureAwait(false);
        return TofuReference.Of(result);
    }
}
