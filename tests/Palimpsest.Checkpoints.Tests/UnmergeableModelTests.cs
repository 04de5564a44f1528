using Palimpsest.TestKit;

namespace Palimpsest.Checkpoints.Tests;

/// <summary>What no weight says is never saved as if it were one.</summary>
public sealed class UnmergeableModelTests : IDisposable
{
    private static readonly Tokenizer Words = BpeTrainer.Train(["the cat sat"], new() { VocabularySize = 270 });

    private readonly TemporaryFolder _folder = new();
    private readonly CausalLM _model = new(
        DecoderConfig.TinyLlama(Words.VocabularySize, 32, 2, 4, 2, 48) with
        {
            InitializerRange = 0.2,
        },
        seed: 3
    );

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_codebook_with_an_entry_is_refused_by_name_and_without_one_nothing_is_lost()
    {
        using var scope = NewDisposeScope();
        using var codebook = GraceCodebook.Attach(
            _model,
            "edits of May",
            new() { Projection = "model.layers.1.mlp.down_proj" }
        );
        ModelFolder.Save(_model, _folder.File("empty"));
        var entry = codebook.Add(codebook.Query([5, 6, 7]), [8]);
        AssertRefused("'edits of May' on model.layers.1.mlp.down_proj is routed or gated");
        codebook.Remove(entry);
        ModelFolder.Save(_model, _folder.File("again"));
        using var loaded = ModelFolder.Load(_folder.File("again"));
        Assert.True(Logits(loaded).equal(Logits(_model)).all().item<bool>());
    }

    [Fact]
    public void Factors_and_columns_are_saved_as_the_matrix_that_they_are()
    {
        using var scope = NewDisposeScope();
        LowRankSparseProjection.Replace(_model, new() { Rank = 4, ColumnShare = 0.1 });
        ModelFolder.Save(_model, _folder.File("model"));
        using var loaded = ModelFolder.Load(_folder.File("model"));
        Assert.True(loaded.IsDense);
        Assert.True((Logits(loaded) - Logits(_model)).abs().max().item<float>() < 1e-4f);
        GgufExport.Write(_model, Words, _folder.File("model.gguf"));
    }

    [Fact]
    public void Factors_with_an_activation_within_are_refused_by_name()
    {
        LowRankSparseProjection.Replace(_model, new() { Rank = 4, Activation = LostActivation.BetweenFactors });
        AssertRefused("model.layers.0.self_attn.q_proj has an activation within and is no matrix");
    }

    private void AssertRefused(string reason)
    {
        var folder = _folder.File("refused");
        var saving = Assert.Throws<InputException>(() => ModelFolder.Save(_model, folder));
        Assert.StartsWith($"Saving needs weights; {reason}", saving.Message, StringComparison.Ordinal);
        var exporting = Assert.Throws<InputException>(() => GgufExport.Write(_model, Words, _folder.File("x.gguf")));
        Assert.StartsWith($"Exporting needs weights; {reason}", exporting.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));
        Assert.False(File.Exists(_folder.File("x.gguf")));
    }

    private static Tensor Logits(CausalLM model)
    {
        using var grad = no_grad();
        return model.Forward(new() { TokenIds = tensor(new long[] { 5, 6, 7, 9 }).unsqueeze(0) }).Logits!;
    }
}
