namespace Palimpsest.TestKit;

/// <summary>What every <see cref="ILogitProcessor"/> holds: rows do not share what they have seen, and a setting that
/// changes nothing changes no bit.</summary>
public abstract class LogitProcessorContract
{
    private static readonly int[] Prompt = [3, 1, 3];
    private static readonly int[] Drawn = [2, 7, 2];

    /// <summary>The processor under test, for a vocabulary of eight.</summary>
    protected abstract ILogitProcessor Create();

    /// <summary>The same with the setting that changes nothing; null where there is none.</summary>
    protected abstract ILogitProcessor? CreateIdle();

    [Fact]
    public void It_changes_the_logits_and_leaves_numbers_and_some_token()
    {
        var logits = Run(Create().Begin(Prompt));
        Assert.NotEqual(Logits(), logits);
        Assert.DoesNotContain(logits, float.IsNaN);
        Assert.Contains(logits, float.IsFinite);
    }

    [Fact]
    public void The_same_tokens_give_the_same_bits()
    {
        var processor = Create();
        Assert.Equal(Run(processor.Begin(Prompt)), Run(processor.Begin(Prompt)));
        Assert.Equal(Run(Create().Begin(Prompt)), Run(processor.Begin(Prompt)));
    }

    [Fact]
    public void A_row_does_not_see_the_tokens_of_those_beside_it()
    {
        var processor = Create();
        var alone = Run(processor.Begin(Prompt));
        var (one, other) = (processor.Begin(Prompt), processor.Begin([6]));
        foreach (var token in Drawn)
        {
            one.Process(Logits());
            one.Accept(token);
            other.Process(Logits());
            other.Accept(5);
        }

        var logits = Logits();
        one.Process(logits);
        Assert.Equal(alone, logits);
    }

    [Fact]
    public void Idle_it_changes_no_bit()
    {
        if (CreateIdle() is not { } idle)
            return;
        Assert.Equal(Logits(), Run(idle.Begin(Prompt)));
    }

    private static float[] Run(IRowProcessor row)
    {
        foreach (var token in Drawn)
        {
            row.Process(Logits());
            row.Accept(token);
        }

        var logits = Logits();
        row.Process(logits);
        return logits;
    }

    private static float[] Logits() => [0.5f, -1.25f, 2, 1.75f, -0.5f, 0, 3.25f, 1];
}
