namespace Palimpsest.TestKit;

/// <summary>What every <see cref="ILogitComposer"/> holds: rows and positions are composed by themselves, nothing that
/// is given is changed, and a setting that changes nothing changes no bit.</summary>
public abstract class LogitComposerContract
{
    /// <summary>The composer under test.</summary>
    protected abstract ILogitComposer Create();

    /// <summary>The same with the setting that changes nothing.</summary>
    protected abstract ILogitComposer CreateIdle();

    [Theory]
    [InlineData(LogitUse.Decoding)]
    [InlineData(LogitUse.Scoring)]
    public void Rows_and_positions_are_composed_by_themselves(LogitUse use)
    {
        using var scope = NewDisposeScope();
        var composer = Create();
        var logits = Logits(composer.Models);
        var whole = composer.Compose(logits, use);
        Assert.Equal(logits[0].shape, whole.shape);
        Assert.False(whole.equal(logits[0]).all().item<bool>(), "nothing was changed");
        for (var row = 0; row < 3; row++)
        {
            for (var position = 0; position < 4; position++)
            {
                var single = composer.Compose([.. logits.Select(one => one[row, position])], use);
                Assert.True(single.equal(whole[row, position]).all().item<bool>(), $"{row}, {position}");
            }
        }
    }

    [Fact]
    public void Scores_are_finite_and_decoding_leaves_some_token()
    {
        using var scope = NewDisposeScope();
        var composer = Create();
        var logits = Logits(composer.Models);
        Assert.True(composer.Compose(logits, LogitUse.Scoring).isfinite().all().item<bool>());
        var decoded = composer.Compose(logits, LogitUse.Decoding);
        Assert.False(decoded.isnan().any().item<bool>());
        Assert.True(decoded.isfinite().any(-1).all().item<bool>());
    }

    [Theory]
    [InlineData(LogitUse.Decoding)]
    [InlineData(LogitUse.Scoring)]
    public void Idle_it_gives_the_first_model_s_bits(LogitUse use)
    {
        using var scope = NewDisposeScope();
        var composer = CreateIdle();
        var logits = Logits(composer.Models);
        Assert.True(composer.Compose(logits, use).equal(logits[0]).all().item<bool>());
    }

    [Theory]
    [InlineData(LogitUse.Decoding)]
    [InlineData(LogitUse.Scoring)]
    public void It_changes_no_input_leaves_no_tensor_and_repeats_itself(LogitUse use)
    {
        using var scope = NewDisposeScope();
        var composer = Create();
        var logits = Logits(composer.Models);
        Tensor[] copies = [.. logits.Select(one => one.clone())];
        var first = composer.Compose(logits, use);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using var second = composer.Compose(logits, use);
        Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.True(first.equal(second).all().item<bool>());
        for (var i = 0; i < copies.Length; i++)
            Assert.True(copies[i].equal(logits[i]).all().item<bool>(), $"input {i} was changed");
    }

    [Fact]
    public void Another_number_of_models_or_another_shape_is_refused()
    {
        using var scope = NewDisposeScope();
        var composer = Create();
        var logits = Logits(composer.Models);
        Assert.Throws<ArgumentException>(() => composer.Compose([.. logits, logits[0]], LogitUse.Scoring));
        if (composer.Models > 1)
            Assert.Throws<ArgumentException>(() =>
                composer.Compose([.. logits[..^1], logits[0].narrow(2, 0, 5)], LogitUse.Scoring)
            );
    }

    private static Tensor[] Logits(int models)
    {
        using var generator = new Generator(5, CPU);
        return [.. Enumerable.Range(0, models).Select(_ => 3 * randn([3, 4, 40], generator: generator))];
    }
}
