namespace Palimpsest.Models.Tests;

public sealed class MixtureOfExpertsTests
{
    public static TheoryData<string> Families => ["mixtral", "qwen2_moe", "olmoe"];

    [Theory, MemberData(nameof(Families))]
    public void A_pass_tells_every_router_s_probabilities_and_choices(string family)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var model = NewModel(family);
        var output = model.Forward(new() { TokenIds = tensor(new long[] { 1, 2, 3, 4, 5, 6 }, [2, 3]) });
        Assert.Equal([0, 1, 2], output.Routers.Select(r => r.Layer));
        foreach (var router in output.Routers)
        {
            Assert.Equal([2L, 3, 6], router.Logits.shape);
            Assert.True(router.Logits.softmax(-1).eq(router.Probabilities).all().item<bool>());
            Assert.Equal([2L, 3, 2], router.TopExperts.shape);
            var ordered = router.Probabilities.argsort(-1, descending: true);
            Assert.True(ordered[.., .., ..2].eq(router.TopExperts).all().item<bool>());
        }
    }

    [Theory, MemberData(nameof(Families))]
    public void Experts_that_no_token_visits_are_not_computed(string family)
    {
        using var scope = NewDisposeScope();
        using var model = NewModel(family);
        var ids = tensor(new long[] { 7 }, [1, 1]);
        var plain = model.Forward(new() { TokenIds = ids });
        var visited = plain.Routers.ToDictionary(
            r => r.Layer,
            r => r.TopExperts.data<long>().Select(e => (int)e).ToHashSet()
        );
        ParameterRef[] idle =
        [
            .. model.ParameterRefs.Where(r => r.Expert is { } e && !visited[r.Layer!.Value].Contains(e)),
        ];
        Assert.Equal(3 * 4 * 3, idle.Length); // layers, idle experts, matrices of one
        using (no_grad())
        {
            foreach (var reference in idle)
                reference.Value().fill_(float.NaN);
        }

        var poisoned = model.Forward(new() { TokenIds = ids });
        Assert.True(plain.Logits!.eq(poisoned.Logits!).all().item<bool>());
        poisoned.Logits!.sum().backward();
        Assert.All(idle, reference => Assert.Null(reference.Gradient()));
        Assert.All(
            model.ParameterRefs.Except(idle).Where(r => r.Expert is not null),
            reference => Assert.NotNull(reference.Gradient())
        );
    }

    [Theory, MemberData(nameof(Families))]
    public void Every_expert_has_its_parameters_under_its_own_names(string family)
    {
        using var model = NewModel(family);
        for (var expert = 0; expert < 6; expert++)
        {
            ParameterRef[] own = [.. model.ParameterRefs.Where(r => r.Expert == expert && r.Layer == 1)];
            Assert.Equal(3, own.Length);
            Assert.All(
                own,
                reference => Assert.Contains($"experts.{expert}.", reference.Name, StringComparison.Ordinal)
            );
            Assert.Equal(
                3 * 16 * 12,
                own.Sum(reference => reference.CheckpointShape[0] * reference.CheckpointShape[1])
            );
        }
    }

    private static CausalLM NewModel(string family) =>
        new(
            new()
            {
                Family = family,
                VocabularySize = 30,
                HiddenSize = 16,
                IntermediateSize = 12,
                Layers = 3,
                Heads = 2,
                KeyValueHeads = 2,
                HeadSize = 8,
                MaxPositions = 16,
                InitializerRange = 0.2,
                QueryKeyNorm = family == "olmoe" ? QueryKeyNorm.AllHeads : QueryKeyNorm.None,
                Experts = new()
                {
                    Count = 6,
                    PerToken = 2,
                    IntermediateSize = 12,
                    SharedIntermediateSize = family == "qwen2_moe" ? 20 : 0,
                    NormalizeChosen = family != "olmoe",
                },
            },
            seed: 5
        );
}
