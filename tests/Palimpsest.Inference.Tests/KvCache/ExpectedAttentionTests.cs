namespace Palimpsest.Inference.Tests;

public sealed class ExpectedAttentionTests
{
    private const int Tokens = 40;

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Entries_stay_that_drawn_queries_attend_to(bool covariance, bool valueNorm)
    {
        using var scope = NewDisposeScope();
        using var generator = new torch.Generator(4, CPU);
        var config = KvModels.HeadConfig(2, 1, 4);
        var keys = randn([1, 1, Tokens, 4], generator: generator);
        var values = randn([1, 1, Tokens, 4], generator: generator);
        var queries = randn([1, 2, Tokens, 4], generator: generator) * 1.5 + 0.7;
        using var cache = KvModels.Holding(keys, values);
        var policy = new ExpectedAttention(
            new()
            {
                Budget = KvBudget.OfTokens(10),
                Sinks = 2,
                Covariance = covariance,
                ValueNorm = valueNorm,
            }
        );
        policy.AfterAttention(KvModels.Pass(policy, cache, config, queries));
        var asked = queries.narrow(2, 2, Tokens - 2); // without the sinks' own
        var mean = asked.mean([2], keepdim: true);
        var logits = matmul(mean, keys.transpose(2, 3)).squeeze(2) / 2; // [1, 2, T]
        if (covariance)
        {
            // E[exp(x)] of a Gaussian x is exp of its mean and half its variance.
            var products = matmul(asked - mean, keys.transpose(2, 3)) / 2;
            logits = logits + products.square().mean([2]) / 2;
        }

        var scores = logits.narrow(2, 2, Tokens - 2).softmax(-1).mean([1]);
        if (valueNorm)
            scores = scores * values.square().sum(3).sqrt().narrow(2, 2, Tokens - 2).squeeze(1);
        var best = scores[0].topk(8).indexes.data<long>().ToArray().Select(at => at + 2);
        Assert.Equal([0L, 1, .. best.Order()], KvModels.Held(cache));
    }

    [Fact]
    public void Angles_are_those_of_the_positions_to_come()
    {
        using var scope = NewDisposeScope();
        using var generator = new torch.Generator(5, CPU);
        var config = DecoderConfig.TinyLlama(8, 8, 1, 1, 1, 8, 256);
        using var angles = new PositionAngles(config);
        var plain = randn([1, 1, 1, 8], generator: generator).expand(1, 1, Tokens, 8);
        var positions = arange(Tokens).unsqueeze(0);
        var keys = angles.Rotate(randn([1, 1, Tokens, 8], generator: generator), positions);
        using var cache = KvModels.Holding(keys, keys);
        var policy = new ExpectedAttention(
            new()
            {
                Budget = KvBudget.OfTokens(9),
                Future = 1,
                Sinks = 0,
                ValueNorm = false,
            }
        );
        policy.AfterAttention(KvModels.Pass(policy, cache, config, angles.Rotate(plain, positions)));
        var next = angles.Rotate(plain.narrow(2, 0, 1), full([1, 1], Tokens, ScalarType.Int64));
        var best = matmul(next, keys.transpose(2, 3)).view(-1).topk(9).indexes.data<long>().ToArray();
        Assert.Equal(best.Order(), KvModels.Held(cache));
    }

    [Theory]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    public void The_spread_of_the_queries_is_turned_like_their_mean(ulong seed)
    {
        using var scope = NewDisposeScope();
        using var generator = new torch.Generator(seed, CPU);
        const int future = 3;
        var config = DecoderConfig.TinyLlama(8, 8, 1, 1, 1, 8, 256);
        using var angles = new PositionAngles(config);
        var positions = arange(Tokens).unsqueeze(0);
        var scale = (randn([8], generator: generator) * 1.5).exp();
        var plain = randn([1, 1, Tokens, 8], generator: generator) * scale + 0.3;
        var keys = angles.Rotate(randn([1, 1, Tokens, 8], generator: generator) * 1.5, positions);
        using var cache = KvModels.Holding(keys, keys);
        var policy = new ExpectedAttention(
            new()
            {
                Budget = KvBudget.OfTokens(9),
                Future = future,
                Sinks = 0,
                ValueNorm = false,
            }
        );
        policy.AfterAttention(KvModels.Pass(policy, cache, config, angles.Rotate(plain, positions)));
        // The mean rotation as a matrix: what it makes of each axis.
        var axes = eye(8).view(8, 1, 1, 8).expand(8, 1, future, 8);
        var turn = angles.Rotate(axes, arange(Tokens, Tokens + future).unsqueeze(0)).mean([2]).view(8, 8).t();
        var asked = plain.view(Tokens, 8);
        var mean = asked.mean([0]);
        var centred = asked - mean;
        var spread = matmul(turn, matmul(matmul(centred.t(), centred) / Tokens, turn.t()));
        var held = keys.view(Tokens, 8);
        var logits =
            matmul(held, matmul(turn, mean)) * config.ScaleOf(0)
            + (matmul(held, spread) * held).sum(1) * (Math.Pow(config.ScaleOf(0), 2) / 2);
        Assert.Equal(logits.topk(9).indexes.data<long>().ToArray().Order(), KvModels.Held(cache));
    }
}
