using Palimpsest.TestKit;

namespace Palimpsest.Models.Tests;

public sealed class TapTests
{
    private static readonly long[] Ids = [3, 7, 11, 19, 5, 23, 42, 8];

    public static TheoryData<string> Families => [.. TinyFamilies.All.Keys];

    [Fact]
    public void Every_family_is_here() =>
        Assert.Equal(
            ModelFamilies.All.Select(family => family.ModelType).Order(StringComparer.Ordinal),
            TinyFamilies.All.Keys.Order(StringComparer.Ordinal)
        );

    [Theory, MemberData(nameof(Families))]
    public void An_idle_tap_at_every_site_changes_no_bit_of_logits_gradients_and_scores(string family)
    {
        using var scope = NewDisposeScope();
        using var model = new CausalLM(TinyFamilies.All[family], seed: 3);
        var plain = Results(model);
        var idle = new Idle(model.Config);
        using (model.Attach(idle))
            AssertSame(plain, Results(model));
        Assert.Equal(idle.Sites.Select(site => site.Point).Order(), idle.Seen.Distinct().Order());
        var calls = idle.Seen.Count;
        AssertSame(plain, Results(model));
        Assert.Equal(calls, idle.Seen.Count);
    }

    [Theory, MemberData(nameof(Families))]
    public void What_a_tap_changes_at_each_point_reaches_the_logits(string family)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var model = new CausalLM(TinyFamilies.All[family], seed: 3);
        var plain = Logits(model);
        foreach (var site in new Idle(model.Config).Sites)
        {
            using var attached = model.Attach(new Change(site, value => value * 1.5 + value.roll(1, -1)));
            Assert.False(Logits(model).equal(plain).all().item<bool>(), site.ToString());
        }
    }

    [Theory]
    [InlineData("llama", 2, TapPoint.BlockOutput, null, "nearest is layer 1, BlockOutput")]
    [InlineData("llama", -1, TapPoint.Query, null, "nearest is layer 0, Query")]
    [InlineData("llama", 1, TapPoint.Embedding, null, "nearest is layer 0, Embedding")]
    [InlineData("llama", 0, TapPoint.RouterLogits, null, "nearest are layer 0, MlpInput and layer 0, MlpPreActivation")]
    [InlineData("llama", null, TapPoint.ExpertOutput, null, "nearest are layer 0, MlpKey and layer 0, MlpOutput")]
    [InlineData("llama", 0, TapPoint.MlpKey, 0, "nearest is layer 0, MlpKey")]
    [InlineData("gpt2", null, TapPoint.MlpGate, null, "nearest are layer 0, MlpPreActivation and layer 0, MlpKey")]
    [InlineData("mixtral", 1, TapPoint.MlpKey, 3, "nearest is layer 1, MlpKey of expert 2")]
    [InlineData("mixtral", 1, TapPoint.MlpKey, TapSite.SharedExpert, "nearest is layer 1, MlpKey of expert 0")]
    [InlineData("qwen2_moe", 0, TapPoint.RouterLogits, null, "nearest is layer 1, RouterLogits")]
    public void A_site_that_the_model_does_not_have_is_refused_with_the_nearest(
        string family,
        int? layer,
        TapPoint point,
        int? expert,
        string nearest
    )
    {
        using var model = new CausalLM(TinyFamilies.All[family], seed: 3);
        var site = new TapSite(layer, point, expert);
        var error = Assert.Throws<InputException>(() => model.Attach(new Change(site, value => value)));
        Assert.Equal($"Change: {site} is no site of this {family} model of 2 layers; {nearest}.", error.Message);
    }

    [Fact]
    public void A_tap_without_a_site_is_refused()
    {
        using var model = new CausalLM(TinyFamilies.All["llama"], seed: 3);
        var error = Assert.Throws<InputException>(() => model.Attach(new ActivationRecorder()));
        Assert.Equal("ActivationRecorder: names no site; a tap needs at least one.", error.Message);
    }

    [Fact]
    public void A_tap_that_gives_another_shape_or_type_is_named()
    {
        using var scope = NewDisposeScope();
        using var model = new CausalLM(TinyFamilies.All["llama"], seed: 3);
        var site = new TapSite(1, TapPoint.Value);
        using (model.Attach(new Change(site, value => value.sum(-1))))
            Assert.Equal(
                "Change: layer 1, Value gave Float32 [1, 2, 8]; allowed is Float32 [1, 2, 8, 8].",
                Assert.Throws<InvalidOperationException>(() => Logits(model)).Message
            );
        using (model.Attach(new Change(site, value => value.to(ScalarType.Float64))))
            Assert.Throws<InvalidOperationException>(() => Logits(model));
    }

    [Fact]
    public void Taps_are_called_in_the_order_of_attaching_and_each_is_taken_off_by_itself()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var model = new CausalLM(TinyFamilies.All["llama"], seed: 3);
        var site = new TapSite(1, TapPoint.BlockOutput);
        using var last = new ActivationRecorder(site);
        var twice = model.Attach(new Change(site, value => value * 2));
        using var plus = model.Attach(new Change(site, value => value + 1));
        using var end = model.Attach(last);
        model.Forward(Input());
        using var both = last[1, TapPoint.BlockOutput].clone();
        twice.Dispose();
        twice.Dispose();
        model.Forward(Input());
        var added = last[1, TapPoint.BlockOutput];
        Assert.True((both - ((added - 1) * 2 + 1)).abs().max().item<float>() < 1e-5f);
        using var copy = model.Clone();
        plus.Dispose();
        Assert.True(Logits(copy).equal(Logits(model)).all().item<bool>(), "a copy has no taps");
    }

    [Fact]
    public void A_head_s_output_is_what_its_columns_of_the_output_projection_read()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var model = new CausalLM(TinyFamilies.All["llama"], seed: 3);
        static Tensor WithoutThird(Tensor heads) // [B, H, T, Dh]
        {
            var kept = heads.clone();
            kept.select(1, 2).zero_();
            return kept;
        }

        Tensor tapped;
        using (model.Attach(new Change(new(0, TapPoint.HeadOutput), WithoutThird)))
            tapped = Logits(model);
        var output = model.ParameterRefs.Single(p =>
            p.Layer == 0 && p.Name.Contains("o_proj", StringComparison.Ordinal)
        );
        output.Storage.narrow(1, 16, 8).zero_();
        Assert.True((tapped - Logits(model)).abs().max().item<float>() < 1e-5f);
    }

    [Fact]
    public void Inside_experts_a_tap_knows_which_tokens_it_sees()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var model = new CausalLM(TinyFamilies.All["mixtral"], seed: 3);
        using var inputs = new ActivationRecorder(new TapSite(1, TapPoint.MlpInput));
        var places = new Places(new(1, TapPoint.MlpPreActivation, 2));
        using var first = model.Attach(inputs);
        using var second = model.Attach(places);
        var ids = tensor(Ids).view(2, 4);
        var output = model.Forward(new() { TokenIds = ids });
        var visited = output.Routers.Single(router => router.Layer == 1).TopExperts.eq(2).any(-1); // [B, T]
        Assert.Equal(visited.sum().item<long>(), places.Rows.Length);
        Assert.InRange(places.Rows.Length, 1, 7);
        for (var i = 0; i < places.Rows.Length; i++)
            Assert.True(visited[places.Rows[i], places.Positions[i]].item<bool>());
        var gate = model.Projections.First(p =>
            p.Layer == 1 && p.Expert == 2 && p.Path.Contains("w1", StringComparison.Ordinal)
        );
        var read = inputs[1, TapPoint.MlpInput][tensor(places.Rows), tensor(places.Positions)];
        var expected = nn.functional.linear(read, gate.Weight());
        Assert.True((expected - places.Seen!).abs().max().item<float>() < 1e-4f);
        places.Seen!.Dispose();
    }

    [Fact]
    public void Router_logits_decide_who_is_visited()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var model = new CausalLM(TinyFamilies.All["mixtral"], seed: 3);
        var never = tensor(new[] { 0f, -1e9f, 0f });
        using var attached = model.Attach(new Change(new(0, TapPoint.RouterLogits), logits => logits + never));
        var output = model.Forward(Input());
        Assert.False(output.Routers[0].TopExperts.eq(1).any().item<bool>());
        Assert.True(output.Routers[1].TopExperts.eq(1).any().item<bool>());
    }

    [Fact]
    public void The_lens_of_the_last_block_and_embeddings_in_the_place_of_ids_give_the_model_s_logits()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        foreach (var family in new[] { "llama", "gemma2", "gpt2" })
        {
            using var model = new CausalLM(TinyFamilies.All[family], seed: 3);
            using var recorder = new ActivationRecorder(new TapSite(1, TapPoint.BlockOutput));
            using var attached = model.Attach(recorder);
            var logits = model.Forward(Input()).Logits!;
            var lens = model.LensLogits(recorder[1, TapPoint.BlockOutput]);
            Assert.True((lens - logits).abs().max().item<float>() < 1e-5f, family);
            var embedded = model.Forward(new() { Embeddings = model.Embed(Input().TokenIds!) }).Logits!;
            Assert.True(embedded.equal(logits).all().item<bool>(), family);
            Assert.Equal([60, 32], model.EmbeddingWeight.shape);
        }
    }

    [Fact]
    public void No_tensor_is_left_of_a_tapped_pass()
    {
        using var model = new CausalLM(TinyFamilies.All["qwen2_moe"], seed: 3);
        long Live()
        {
            using (var scope = NewDisposeScope())
            using (no_grad())
            using (var recorder = new ActivationRecorder(new Idle(model.Config).Sites))
            using (model.Attach(recorder))
            using (model.Attach(new Places(new(null, TapPoint.MlpKey)) { KeepsNothing = true }))
                model.Forward(Input());
            return DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        }

        Live();
        Assert.Equal(Live(), Live());
    }

    private static ForwardInput Input() => new() { TokenIds = tensor(Ids).unsqueeze(0) };

    private static Tensor Logits(CausalLM model) => model.Forward(Input()).Logits!;

    /// <summary>Logits of padded rows, gradients of their loss, logits of a prompt read in parts with steps after it,
    /// and scores.</summary>
    private static Tensor[] Results(CausalLM model)
    {
        var sequences = new TokenSequence[]
        {
            new([3, 7, 11, 19, 5, 23, 42, 8], 4),
            new([3, 7, 11, 19, 17], 4),
            new([9, 8, 7, 6, 5, 4], 2),
        };
        var batch = TokenBatch.Collate(sequences, 0);
        model.zero_grad();
        var logits = model.Forward(new() { TokenIds = batch.Ids, AttentionMask = batch.AttentionMask }).Logits!;
        TokenNll.PerToken(model, batch).sum().backward();
        var gradients = model.parameters().Select(parameter => parameter.grad).OfType<Tensor>().Select(g => g.clone());
        using var grad = no_grad();
        using var cache = new KvCache(model.Config, 1, 8);
        var ids = Input().TokenIds!;
        Tensor Read(int start, int count) =>
            model.Forward(new() { TokenIds = ids.narrow(1, start, count), Cache = cache }).Logits!;
        var scores = TokenScorer.Score(model, 0, sequences, new(), CancellationToken.None);
        return
        [
            logits,
            .. gradients.ToArray(),
            Read(0, 5),
            Read(5, 2),
            Read(7, 1),
            tensor(scores.Select(score => score.MeanNll).ToArray()),
        ];
    }

    private static void AssertSame(Tensor[] expected, Tensor[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(expected[i].equal(actual[i]).all().item<bool>(), $"result {i}");
    }

    /// <summary>Changes nothing, anywhere.</summary>
    private sealed class Idle(DecoderConfig config) : ITap
    {
        public List<TapPoint> Seen { get; } = [];

        public IReadOnlyList<TapSite> Sites { get; } =
        [
            .. Enum.GetValues<TapPoint>()
                .Where(point => point != TapPoint.MlpGate || config.GatedMlp)
                .Where(point =>
                    point is not (TapPoint.RouterLogits or TapPoint.ExpertOutput) || config.Experts is not null
                )
                .Select(point => new TapSite(null, point)),
        ];

        public Tensor Apply(Tensor activation, in TapContext context)
        {
            Seen.Add(context.Point);
            return activation;
        }
    }

    private sealed class Change(TapSite site, Func<Tensor, Tensor> change) : ITap
    {
        public IReadOnlyList<TapSite> Sites => [site];

        public Tensor Apply(Tensor activation, in TapContext context) => change(activation);
    }

    /// <summary>Keeps which tokens it saw.</summary>
    private sealed class Places(TapSite site) : ITap
    {
        public bool KeepsNothing { get; init; }

        public Tensor? Seen { get; private set; }

        public long[] Rows { get; private set; } = [];

        public long[] Positions { get; private set; } = [];

        public IReadOnlyList<TapSite> Sites => [site];

        public Tensor Apply(Tensor activation, in TapContext context)
        {
            using var scope = NewDisposeScope();
            Rows = context.Rows().contiguous().data<long>().ToArray();
            Positions = context.Positions().contiguous().data<long>().ToArray();
            Assert.Equal(activation.shape[..^1].Aggregate(1L, (all, size) => all * size), Rows.Length);
            if (!KeepsNothing)
                Seen = activation.clone().DetachFromDisposeScope();
            return activation;
        }
    }
}
