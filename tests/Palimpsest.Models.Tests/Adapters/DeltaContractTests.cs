using Palimpsest.TestKit;

namespace Palimpsest.Models.Tests;

/// <summary>The deltas of this library and the attachments that bring them.</summary>
public sealed class DeltaContractTests
{
    private static readonly Type[] s_subjects = [typeof(LoraLayer), typeof(ReplacedWeight), typeof(GraceCodebook)];

    [Fact]
    public void Every_delta_and_every_attachment_is_here()
    {
        var product = typeof(CausalLM).Assembly;
        Assert.Empty(ContractCoverage.Missing<IProjectionDelta>(product, s_subjects));
        Assert.Empty(ContractCoverage.Missing<IModelAttachment>(product, [typeof(LoraAdapter), typeof(GraceCodebook)]));
    }

    public sealed class OfLora : OfAdapter
    {
        protected override LoraOptions Options => new() { Rank = 2, TargetModules = ["q_proj", "down_proj"] };
    }

    public sealed class OfDora : OfAdapter
    {
        protected override LoraOptions Options =>
            new()
            {
                Rank = 2,
                TargetModules = ["v_proj", "up_proj"],
                WeightDecomposed = true,
            };
    }

    public sealed class OfReplacedWeight : OfAdapter
    {
        protected override LoraOptions Options =>
            new()
            {
                Rank = 2,
                TargetModules = ["q_proj"],
                ModulesToSave = ["o_proj"],
            };
    }

    public sealed class OfGrace : DeltaContract
    {
        private static readonly GraceOptions s_options = new()
        {
            Projection = "model.layers.1.mlp.down_proj",
            Radius = 0.01,
        };

        protected override bool Merges => false;

        protected override IModelAttachment Attach(CausalLM model, string name, IReadOnlyList<int> row)
        {
            var codebook = GraceCodebook.Attach(model, name, s_options);
            using var query = codebook.Query(row);
            codebook.Add(query, [5, 6]);
            return codebook;
        }

        protected override IModelAttachment AttachIdle(CausalLM model, string name) =>
            GraceCodebook.Attach(model, name, s_options);
    }

    public abstract class OfAdapter : DeltaContract
    {
        protected abstract LoraOptions Options { get; }

        protected override IModelAttachment Attach(CausalLM model, string name, IReadOnlyList<int> row)
        {
            var adapter = LoraAdapter.Attach(model, name, Options, seed: 7);
            using var grad = no_grad();
            foreach (var (_, value) in adapter.TrainableParameters)
                value.mul_(1.5f).add_(0.02f);
            return adapter;
        }

        protected override IModelAttachment AttachIdle(CausalLM model, string name)
        {
            var adapter = LoraAdapter.Attach(model, name, Options, seed: 7);
            using var grad = no_grad();
            foreach (var (_, value) in adapter.TrainableParameters)
                value.add_(1);
            adapter.Active = false;
            return adapter;
        }
    }
}
