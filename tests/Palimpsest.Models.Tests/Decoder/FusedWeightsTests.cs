using Palimpsest.TestKit;

namespace Palimpsest.Models.Tests;

public sealed class FusedWeightsTests
{
    [Theory]
    [InlineData("llama", false)]
    [InlineData("qwen2", true)]
    [InlineData("mistral", false)]
    public void Query_key_value_and_gate_up_are_one_matrix_in_memory_and_their_own_in_files(string family, bool bias)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var model = new CausalLM(
            DecoderConfig.TinyLlama(20, 16, 2, 4, 2, 24) with
            {
                Family = family,
                QueryKeyValueBias = bias,
            },
            seed: 1
        );
        ModelFolder.Save(model, folder.Path);
        using var loaded = ModelFolder.Load(folder.Path);
        using var weights = WeightFiles.Open(folder.Path);
        foreach (
            var group in new string[][]
            {
                ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"],
                ["mlp.gate_proj", "mlp.up_proj"],
            }
        )
        {
            ParameterRef[] parts =
            [
                .. group.Select(name => loaded.ParameterRefs.Single(r => r.Name == $"model.layers.1.{name}.weight")),
            ];
            Assert.All(parts, part => Assert.Same(parts[0].Storage, part.Storage));
            Assert.Equal(parts.Sum(p => p.RowCount), parts[0].Storage.shape[0]);
            var stacked = cat([.. parts.Select(part => weights.Read(part.Name))], 0);
            Assert.True(stacked.eq(parts[0].Storage).all().item<bool>());
        }

        Assert.Equal(bias, weights.Contains("model.layers.0.self_attn.k_proj.bias"));
        Assert.Equal(
            loaded.ParameterRefs.Select(r => r.Name).Order(StringComparer.Ordinal),
            weights.Names.Order(StringComparer.Ordinal)
        );
    }
}
