using System.Text.Json;
using Palimpsest.Checkpoints;
using Palimpsest.TestKit;

namespace Palimpsest.Models.Tests;

public sealed partial class GraceCodebookTests : IDisposable
{
    private const string Down = "model.layers.1.mlp.down_proj";

    private static readonly int[] Prompt = [3, 7, 11, 19];

    private readonly CausalLM _model = new(TinyFamilies.All["llama"], seed: 3);

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Keys_radii_and_outputs_of_a_sequence_of_edits_are_those_of_the_reference()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var golden = SafetensorsFile.Open(
            GoldenFolder.Shipped("systems", "editing-baselines", "reference.safetensors")
        );
        using var json = JsonDocument.Parse(
            File.ReadAllText(GoldenFolder.Shipped("systems", "editing-baselines", "reference.json"))
        );
        using var layer = new Layer(golden.Read("grace.weight"), golden.Read("grace.bias"));
        var (inputs, labels) = (golden.Read("grace.sequence.inputs"), golden.Read("grace.sequence.labels"));
        var steps = json.RootElement.GetProperty("cases").GetProperty("grace.sequence").GetProperty("steps");
        for (var step = 0; step < steps.GetArrayLength(); step++)
        {
            int[] label = [.. labels[step].data<long>().Where(id => id >= 0).Select(id => (int)id)];
            var query = inputs[step, 3];
            var entry = layer.Codebook.Add(query, label, layer.Plain(query));
            var expected = steps[step];
            Assert.Equal(expected.GetProperty("keys").GetInt32(), layer.Codebook.Entries.Count);
            Assert.Equal(expected.GetProperty("chosen_key").GetInt32(), entry.Number);
            var name = $"grace.sequence.step{step}";
            AssertClose(golden.Read($"{name}.keys"), stack(layer.Codebook.Entries.Select(e => e.Key)));
            AssertClose(golden.Read($"{name}.values"), stack(layer.Codebook.Entries.Select(e => (Tensor)e.Value)));
            AssertClose(
                golden.Read($"{name}.radii"),
                tensor(layer.Codebook.Entries.Select(e => (float)e.Radius).ToArray())
            );
            AssertClose(golden.Read($"{name}.output"), layer.Run(inputs[step]));
        }

        var (probes, outputs) = (golden.Read("grace.probes"), golden.Read("grace.probe_outputs.replace_last"));
        for (var probe = 0; probe < probes.shape[0]; probe++)
            AssertClose(outputs[probe], layer.Run(probes[probe]));
    }

    [Fact]
    public void Conflicting_edits_at_distance_one_end_with_radii_that_do_not_overlap()
    {
        using var scope = NewDisposeScope();
        using var codebook = GraceCodebook.Attach(_model, "edits", new() { Projection = Down });
        var first = codebook.Add(zeros([48]), [5, 6]);
        var far = zeros([48]);
        far[0] = 1f;
        var second = codebook.Add(far, [5, 7]);
        Assert.Equal((0.49999, 0.5), (Math.Round(first.Radius, 6), Math.Round(second.Radius, 6)));
        far[0] = -0.3f;
        Assert.Same(first, codebook.Add(far, [5, 6]));
        Assert.Equal(0.49999, first.Radius, 1e-6);
        far[0] = -0.9f;
        Assert.Same(first, codebook.Add(far, [5, 6]));
        Assert.Equal(0.9, first.Radius, 1e-6);
        far[0] = -2f;
        Assert.Equal(2, codebook.Add(far, [5, 6]).Number);
    }

    [Fact]
    public void A_hit_changes_the_answer_a_miss_no_bit_and_taking_the_edit_back_restores_it()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var (asked, other) = (Logits(_model, Prompt), Logits(_model, [9, 8, 7, 6]));
        using var codebook = GraceCodebook.Attach(_model, "edits", new() { Projection = Down, Radius = 0 });
        AssertSame(asked, Logits(_model, Prompt));
        var entry = codebook.Add(codebook.Query(Prompt), [5, 6]);
        var edited = Logits(_model, Prompt);
        AssertSame(asked[..^1], edited[..^1]);
        Assert.False(asked[^1].equal(edited[^1]).any().item<bool>());
        AssertSame(other, Logits(_model, [9, 8, 7, 6]));
        AssertSame(Logits(_model, [.. Prompt, 5]), WithoutEntries([.. Prompt, 5]));
        codebook.Remove(entry);
        AssertSame(asked, Logits(_model, Prompt));
        Assert.Throws<ArgumentException>(() => codebook.Remove(entry));
    }

    [Fact]
    public void Rows_are_matched_one_by_one_whatever_the_padding_and_the_pass_s_answers()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var codebook = GraceCodebook.Attach(_model, "edits", new() { Projection = Down, Radius = 0.01 });
        codebook.Add(codebook.Query(Prompt), [5, 6]);
        var sequences = new TokenSequence[] { new([9, 8, 7, 6, 5, 4, 3], 5), new([.. Prompt, 5, 6], 4) };
        var alone = sequences.Select(sequence => Nll([sequence])[0]).ToArray();
        var together = Nll(sequences);
        var plain = sequences.Select(sequence => NllWithout(sequence)).ToArray();
        for (var row = 0; row < 2; row++)
            Assert.Equal(alone[row], together[row], 1e-4);
        Assert.Equal(plain[0], alone[0], 1e-6);
        Assert.True(Math.Abs(plain[1] - alone[1]) > 0.01);
        var scored = TokenScorer.Score(_model, 0, sequences, new(), CancellationToken.None);
        Assert.Equal(alone[1], scored[1].MeanNll * 2, 1e-4);
    }

    [Fact]
    public void What_follows_the_answer_without_a_label_and_earlier_turns_do_not_move_the_end_of_the_prompt()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var codebook = GraceCodebook.Attach(_model, "edits", new() { Projection = Down, Radius = 0.01 });
        codebook.Add(codebook.Query(Prompt), [5, 6]);
        Tensor Run(params bool[] answers) =>
            _model
                .Forward(
                    new()
                    {
                        TokenIds = tensor(new long[] { 3, 7, 11, 19, 5, 6 }).unsqueeze(0),
                        AnswerMask = tensor(answers).unsqueeze(0),
                    }
                )
                .Logits![0];
        var plain = WithoutEntries([.. Prompt, 5, 6]);
        foreach (var earlier in new[] { false, true })
        {
            var edited = Run(false, earlier, false, false, true, false);
            AssertSame(plain[..3], edited[..3]);
            Assert.False(plain[3].equal(edited[3]).any().item<bool>());
        }

        AssertSame(plain, Run(false, false, false, true, false, false));
    }

    [Fact]
    public void Nothing_routed_is_saved_merged_or_copied_silently()
    {
        using var codebook = GraceCodebook.Attach(_model, "edits", new() { Projection = Down });
        _model.CloneFrozen().Dispose();
        using var scope = NewDisposeScope();
        codebook.Add(codebook.Query(Prompt), [5, 6]);
        const string Reason =
            $"'edits' on {Down} is routed or gated and no weight says it. Take it off or switch it off " + "first.";
        Assert.Equal($"Saving needs weights; {Reason}", Refused(() => _model.RequireMergeable("Saving")));
        Assert.Equal($"A frozen copy needs weights; {Reason}", Refused(() => _model.CloneFrozen().Dispose()));
        using var adapter = LoraAdapter.Attach(_model, "low", new() { Rank = 2 }, seed: 1);
        Assert.Equal($"Merging 'low' needs weights; {Reason}", Refused(adapter.Merge));
        Assert.Contains(
            "'edits'",
            Refused(() => _model.Projections.Single(p => p.Path == Down).Projection.Materialize().Dispose()),
            StringComparison.Ordinal
        );
        adapter.Dispose();
        codebook.Dispose();
        _model.RequireMergeable("Saving");
    }

    [Fact]
    public void A_delta_of_no_attachment_cannot_be_copied()
    {
        var loose = new Loose();
        var target = _model.Projections.Single(p => p.Path == Down);
        target.Add(loose);
        Assert.Contains(
            "'loose' belongs to no attachment",
            Refused(() => _model.Clone().Dispose()),
            StringComparison.Ordinal
        );
        target.Remove(loose);
        _model.Clone().Dispose();
    }

    [Fact]
    public void A_copy_has_its_own_entries()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var codebook = GraceCodebook.Attach(_model, "edits", new() { Projection = Down });
        var entry = codebook.Add(codebook.Query(Prompt), [5, 6]);
        var edited = Logits(_model, Prompt);
        using var copy = _model.Clone();
        AssertSame(edited, Logits(copy, Prompt));
        entry.Value.fill_(3);
        entry.Radius = 9;
        AssertSame(edited, Logits(copy, Prompt));
        var kept = copy.Attachments.OfType<GraceCodebook>().Single();
        Assert.Equal((0, 1.0), (kept.Entries[0].Number, kept.Entries[0].Radius));
        Assert.Equal([5, 6], kept.Entries[0].Label);
        Assert.Equal(["edits:value_0"], copy.TrainableParameters.Select(p => p.Name));
        Assert.Equal(["edits:key_0", "edits:radius_0", "edits:label_0"], copy.Buffers.Select(b => b.Name));
        Assert.Equal(1, kept.Add(full([48], 50f), [5, 6]).Number);
    }

    [Fact]
    public void Values_start_in_zero_to_one_from_the_seed_and_the_number_of_the_entry()
    {
        using var scope = NewDisposeScope();
        Tensor[] Values(ulong seed)
        {
            using var codebook = GraceCodebook.Attach(_model, "edits", new() { Projection = Down, Seed = seed });
            return [.. new[] { 0f, 50f }.Select(at => codebook.Add(full([48], at), [5]).Value.detach().clone())];
        }

        var (one, same, other) = (Values(4), Values(4), Values(5));
        Assert.InRange(one[0].min().item<float>(), 0, 0.3f);
        Assert.InRange(one[0].max().item<float>(), 0.7f, 1);
        AssertSame(one[0], same[0]);
        AssertSame(one[1], same[1]);
        Assert.False(one[0].equal(one[1]).any().item<bool>());
        Assert.False(one[0].equal(other[0]).any().item<bool>());
    }

    [Fact]
    public void A_prompt_that_is_padded_on_the_right_matches_at_its_last_real_token()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var codebook = GraceCodebook.Attach(_model, "edits", new() { Projection = Down, Radius = 0.01 });
        codebook.Add(codebook.Query(Prompt), [5, 6]);
        using var batch = TokenBatch.Collate([new(Prompt, 4), new([9, 8, 7, 6, 5, 4, 3], 7)], 0);
        var logits = _model.Forward(new() { TokenIds = batch.Ids, AttentionMask = batch.AttentionMask }).Logits!;
        Assert.True((logits[0, 3] - Logits(_model, Prompt)[3]).abs().max().item<float>() < 1e-4f);
    }

    [Fact]
    public void The_base_trains_again_when_the_codebook_goes_and_no_tensor_is_left()
    {
        long Live()
        {
            using (var scope = NewDisposeScope())
            using (var codebook = GraceCodebook.Attach(_model, "edits", new() { Projection = Down }))
            {
                codebook.Add(codebook.Query(Prompt), [5, 6]);
                Assert.DoesNotContain(_model.parameters(), p => p.requires_grad);
                using var grad = no_grad();
                Logits(_model, Prompt);
                _model.Clone().Dispose();
            }

            return DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        }

        Live();
        Assert.Equal(Live(), Live());
        Assert.All(_model.parameters(), p => Assert.True(p.requires_grad));
    }

    [Theory]
    [InlineData("llama", "lm_head")]
    [InlineData("llama", "down_proj")]
    [InlineData("mixtral", "model.layers.1.block_sparse_moe.experts.0.w2")]
    [InlineData("mixtral", "model.layers.1.block_sparse_moe.gate")]
    public void A_projection_without_tokens_in_rows_is_refused(string family, string path)
    {
        using var model = new CausalLM(TinyFamilies.All[family], seed: 3);
        var error = Refused(() => GraceCodebook.Attach(model, "edits", new() { Projection = path }).Dispose());
        Assert.StartsWith($"Projection is '{path}'; allowed are", error, StringComparison.Ordinal);
    }

    private static string Refused(Action action) => Assert.Throws<InputException>(action).Message;

    private static Tensor Logits(CausalLM model, int[] ids) =>
        model.Forward(new() { TokenIds = tensor(ids.Select(id => (long)id).ToArray(), [1, ids.Length]) }).Logits![0];

    private Tensor WithoutEntries(int[] ids)
    {
        using var plain = new CausalLM(_model.Config, seed: 3);
        return Logits(plain, ids);
    }

    private double[] Nll(TokenSequence[] sequences)
    {
        using var batch = TokenBatch.Collate(sequences, 0);
        return [.. TokenNll.PerToken(_model, batch).sum(1).data<float>().Select(value => (double)value)];
    }

    private double NllWithout(TokenSequence sequence)
    {
        using var plain = new CausalLM(_model.Config, seed: 3);
        using var batch = TokenBatch.Collate([sequence], 0);
        return TokenNll.PerToken(plain, batch).sum().item<float>();
    }

    private static void AssertSame(Tensor expected, Tensor actual) =>
        Assert.True(expected.equal(actual).all().item<bool>());

    private static void AssertClose(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.True((expected - actual).abs().max().item<float>() < 1e-5f, $"{expected} {actual}");
    }

    private sealed class Loose : IProjectionDelta
    {
        public string Name => "loose";

        public bool Active => true;

        public Tensor Apply(Tensor x, Tensor output, in DeltaContext context) => output;

        public Tensor TryMerge(Tensor weight) => weight;
    }

    /// <summary>The reference's one layer as a down projection whose input a tap gives.</summary>
    private sealed class Layer : ITap, IDisposable
    {
        private readonly CausalLM _owner;
        private readonly Tensor _weight;
        private readonly Tensor _bias;
        private Tensor? _input;

        public Layer(Tensor weight, Tensor bias)
        {
            (_weight, _bias) = (weight, bias);
            _owner = new(DecoderConfig.TinyLlama(20, 8, 1, 2, 2, 12, 8) with { MlpBias = true }, seed: 1);
            _owner
                .ParameterRefs.Single(p => p.Name.EndsWith("down_proj.weight", StringComparison.Ordinal))
                .Value()
                .copy_(weight);
            _owner
                .ParameterRefs.Single(p => p.Name.EndsWith("down_proj.bias", StringComparison.Ordinal))
                .Value()
                .copy_(bias);
            Codebook = GraceCodebook.Attach(_owner, "edits", new() { Projection = "model.layers.0.mlp.down_proj" });
            _owner.Attach(this);
        }

        public GraceCodebook Codebook { get; }

        public IReadOnlyList<TapSite> Sites => [new(0, TapPoint.MlpKey)];

        public Tensor Plain(Tensor input) => nn.functional.linear(input, _weight, _bias);

        public Tensor Run(Tensor input) // [T, 12]; token 3 ends the prompt
        {
            _input = input.unsqueeze(0);
            using var recorder = new ActivationRecorder(new TapSite(0, TapPoint.MlpOutput));
            using (_owner.Attach(recorder))
                _owner.Forward(
                    new()
                    {
                        TokenIds = ones([1, input.shape[0]], ScalarType.Int64),
                        AnswerMask = arange(input.shape[0]).gt(3).unsqueeze(0),
                    }
                );
            return recorder[0, TapPoint.MlpOutput][0].clone();
        }

        public Tensor Apply(Tensor activation, in TapContext context) => _input!;

        public void Dispose() => _owner.Dispose();
    }
}
