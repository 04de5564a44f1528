namespace Palimpsest.Inference.Tests;

/// <summary>What policies leave of facts, on a model that looks up by attention and nothing else: a token holds a key
/// and its value, a question holds a key.</summary>
public sealed class KvRecallTests : IDisposable
{
    private const int Keys = 64;
    private const int Values = 16;
    private const int Code = 64;
    private const int Facts = 40;

    private readonly CausalLM _model = Build();

    public void Dispose() => _model.Dispose();

    [Fact]
    public void The_whole_cache_answers_every_question_and_four_bits_do() =>
        Assert.Multiple(
            () => Assert.Equal(1, Recall(null, asksFirst: false)),
            () => Assert.InRange(Recall("kivi(bits=4,group=8,residual=8)", asksFirst: false), 0.99, 1)
        );

    [Fact]
    public void The_vote_keeps_what_was_asked_and_not_what_is_asked_afterwards()
    {
        const string policy = "snapkv(budget=0.25,window=2,kernel=1)";
        var (asked, afterwards) = (Recall(policy, asksFirst: true), Recall(policy, asksFirst: false));
        Assert.InRange(asked, 0.99, 1);
        Assert.True(asked >= afterwards + 0.2, $"{asked} asked before, {afterwards} afterwards");
    }

    [Fact]
    public void Nothing_beats_the_vote_where_the_question_is_in_the_prompt()
    {
        var vote = Recall("snapkv(budget=0.25,window=2,kernel=1)", asksFirst: true);
        var window = Recall("streaming-llm(budget=0.25)", asksFirst: true);
        Assert.True(Recall("tova(budget=0.25)", asksFirst: true) <= vote);
        Assert.True(Recall("h2o(heavy=0.125,recent=0.125)", asksFirst: true) <= vote);
        Assert.InRange(window, 0, 0.5); // four sinks and six newest of forty
    }

    /// <summary>The share of facts that are answered after the prompt, question in it or not, was compressed.</summary>
    private double Recall(string? policy, bool asksFirst)
    {
        using var scope = NewDisposeScope();
        var order = new SeededRandom(3).Permutation(Keys)[..Facts];
        int[] prompt = [.. order.Select(key => Keys + key)];
        var right = 0;
        foreach (var key in order)
        {
            using var question = NewDisposeScope();
            using var cache = KvModels.NewCache(_model, policy, 1);
            KvModels.Read(_model, cache, asksFirst ? [.. prompt, key, key] : prompt);
            var logits = KvModels.Read(_model, cache, [key]).view(-1).narrow(0, 2 * Keys, Values);
            if (logits.argmax().item<long>() == ValueOf(key))
                right++;
        }

        return (double)right / Facts;
    }

    private static int ValueOf(int key) => key * 7 % Values;

    /// <summary>Tokens: questions, facts, values. Channels of a state: key of a fact, value, key of a
    /// question.</summary>
    private static CausalLM Build()
    {
        using var scope = NewDisposeScope();
        using var generator = new torch.Generator(5, CPU);
        const int width = Code + Values + Code;
        var keys = nn.functional.normalize(randn([Keys, Code], generator: generator), dim: -1);
        var values = eye(Values);
        var embedding = zeros([2 * Keys + Values, width]);
        embedding.narrow(0, 0, Keys).narrow(1, Code + Values, Code).copy_(keys);
        embedding.narrow(0, Keys, Keys).narrow(1, 0, Code).copy_(keys);
        for (var key = 0; key < Keys; key++)
            embedding[Keys + key].narrow(0, Code, Values).copy_(values[ValueOf(key)]);
        embedding.narrow(0, 2 * Keys, Values).narrow(1, Code, Values).copy_(values * 10);
        var config = DecoderConfig.TinyLlama(2 * Keys + Values, width, 1, 1, 1, 8, 128) with { RotarySize = 2 };
        var model = new CausalLM(config, 1);
        var block = "model.layers.0.";
        Set(model, "model.embed_tokens.weight", embedding);
        Set(model, $"{block}self_attn.q_proj.weight", Map(from: Code + Values, to: 0, count: Code, factor: 3));
        Set(model, $"{block}self_attn.k_proj.weight", Map(from: 0, to: 0, count: Code, factor: 3));
        Set(model, $"{block}self_attn.v_proj.weight", Map(from: Code, to: Code, count: Values, factor: 1));
        Set(model, $"{block}self_attn.o_proj.weight", Map(from: Code, to: Code, count: Values, factor: 4));
        Set(model, $"{block}mlp.down_proj.weight", zeros([width, 8]));
        return model;

        Tensor Map(int from, int to, int count, double factor)
        {
            var map = zeros([width, width]);
            map.narrow(0, to, count).narrow(1, from, count).copy_(eye(count) * factor);
            return map;
        }
    }

    private static void Set(CausalLM model, string name, Tensor value) => Assert.True(model.ImportWeight(name, value));
}
