using Palimpsest.TestKit;

namespace Palimpsest.Checkpoints.Tests;

public sealed class BertEncoderTests
{
    private static readonly EncoderConfig Small = new()
    {
        VocabularySize = 40,
        HiddenSize = 16,
        IntermediateSize = 24,
        Layers = 2,
        Heads = 4,
        MaxPositions = 12,
    };

    public static TheoryData<string> Folders =>
        [
            .. GoldenFolder
                .Folders("encoders")
                .Where(name => GoldenFolder.TryGet("encoders", name, "reference.safetensors") is not null),
        ];

    [Theory(SkipTestWithoutData = true), Trait("Category", "Golden")]
    [MemberData(nameof(Folders))]
    public void Hidden_states_and_pooled_vectors_are_the_reference_s(string name)
    {
        var folder = GoldenFolder.TryGet("encoders", name)!;
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var encoder = BertEncoder.Load(folder);
        using var reference = SafetensorsFile.Open(Path.Combine(folder, "reference.safetensors"));
        var mask = reference.Read("attention_mask");
        var hidden = encoder.Forward(reference.Read("input_ids"), mask, reference.Read("token_type_ids"));
        var real = mask.unsqueeze(-1).to(ScalarType.Float32);
        AssertClose(reference.Read("last_hidden_state") * real, hidden * real);
        AssertClose(
            reference.Read("mean_pooled"),
            Pooling.Apply(hidden, mask == 1, PoolingMode.Mean, normalize: false)
        );
        AssertClose(reference.Read("pooler_output"), encoder.PoolFirst(hidden));
    }

    [Fact]
    public void Padding_and_the_other_rows_do_not_change_a_row()
    {
        using var scope = NewDisposeScope();
        using var encoder = new BertEncoder(Small, seed: 3);
        var ids = tensor(new long[] { 5, 6, 7, 8, 9, 0, 0, 11, 12, 13, 14, 15, 16, 17 }, [2, 7]);
        var mask = tensor(new long[] { 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1 }, [2, 7]);
        var both = encoder.Forward(ids, mask);
        AssertClose(encoder.Forward(ids.narrow(0, 0, 1).narrow(1, 0, 5)), both.narrow(0, 0, 1).narrow(1, 0, 5), 1e-5);
        AssertClose(encoder.Forward(ids.narrow(0, 1, 1)), both.narrow(0, 1, 1), 1e-5);
    }

    [Fact]
    public void Segments_change_the_hidden_states()
    {
        using var scope = NewDisposeScope();
        using var encoder = new BertEncoder(Small, seed: 3);
        var ids = tensor(new long[] { 5, 6, 7 }, [1, 3]);
        var (first, second) = (encoder.Forward(ids), encoder.Forward(ids, typeIds: ones_like(ids)));
        Assert.True((first - second).abs().max().item<float>() > 1e-3);
        AssertClose(first, encoder.Forward(ids, typeIds: zeros_like(ids)), 0);
    }

    [Fact]
    public void More_tokens_than_positions_are_refused()
    {
        using var scope = NewDisposeScope();
        using var encoder = new BertEncoder(Small, seed: 3);
        Assert.Contains(
            "12 positions",
            Assert.Throws<ArgumentException>(() => encoder.Forward(zeros([1, 13], ScalarType.Int64))).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("{\"model_type\": \"roberta\"}", "model_type")]
    [InlineData(
        "{\"model_type\": \"bert\", \"vocab_size\": 8, \"hidden_size\": 10, \"intermediate_size\": 8, "
            + "\"num_hidden_layers\": 1, \"num_attention_heads\": 4, \"max_position_embeddings\": 8}",
        "num_attention_heads"
    )]
    [InlineData("{\"model_type\": \"bert\", \"vocab_size\": -8}", "vocab_size")]
    [InlineData("{\"model_type\": \"bert\", \"position_embedding_type\": \"relative_key\"}", "position_embedding_type")]
    [InlineData("{\"model_type\": \"bert\"", "config.json")]
    public void A_configuration_that_does_not_fit_is_one_line_with_the_field(string json, string part)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("config.json"), json);
        var error = Assert.Throws<InputException>(() => BertEncoder.Load(folder.Path));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData(null, "has neither")]
    [InlineData("encoder.layer.1.output.dense.bias", "encoder.layer.1.output.dense.bias")]
    [InlineData("embeddings.LayerNorm.weight", "embeddings.LayerNorm.weight")]
    public void A_missing_tensor_is_named(string? left, string part)
    {
        using var folder = new TemporaryFolder();
        WriteSmall(folder, name => name != left, write: left is not null);
        Assert.Contains(
            part,
            Assert.Throws<InputException>(() => BertEncoder.Load(folder.Path)).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("bert.")]
    public void Names_with_and_without_the_prefix_load(string prefix)
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var weights = WriteSmall(folder, _ => true, prefix: prefix);
        using var encoder = BertEncoder.Load(folder.Path);
        foreach (var reference in encoder.ParameterRefs)
            Assert.Equal(
                weights[reference.Name].data<float>().ToArray(),
                reference.Value().detach().contiguous().data<float>().ToArray()
            );
    }

    internal static Dictionary<string, Tensor> WriteSmall(
        TemporaryFolder folder,
        Func<string, bool> keep,
        bool write = true,
        string prefix = "",
        int vocabulary = 40
    )
    {
        File.WriteAllText(
            folder.File("config.json"),
            $"{{\"model_type\": \"bert\", \"vocab_size\": {vocabulary}, \"hidden_size\": 16, \"intermediate_size\": "
                + $"24, \"num_hidden_layers\": 2, \"num_attention_heads\": 4, \"max_position_embeddings\": 12}}"
        );
        using var encoder = new BertEncoder(Small with { VocabularySize = vocabulary }, seed: 9);
        var weights = encoder
            .ParameterRefs.Where(r => keep(r.Name))
            .ToDictionary(r => r.Name, r => r.Value().detach().clone());
        if (write)
            SafetensorsFile.Write(
                folder.File("model.safetensors"),
                [.. weights.Select(w => (prefix + w.Key, w.Value))]
            );
        return weights;
    }

    private static void AssertClose(Tensor expected, Tensor actual, double tolerance = 1e-4)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.InRange((expected - actual).abs().max().item<float>(), 0, tolerance);
    }
}
