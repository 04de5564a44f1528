using System.CommandLine;
using Palimpsest.Evaluation;
using Palimpsest.Training;

namespace Palimpsest.Cli.Tests;

/// <summary>Options that two records of one command have in common.</summary>
public sealed class OptionBinderTests
{
    [Fact]
    public void A_name_that_is_taken_gets_the_record_s_before_it_and_each_record_its_own_value()
    {
        var command = new Command("x");
        var (sleek, relearn) = (
            OptionBinder.AddTo(command, typeof(SleekOptions)),
            OptionBinder.AddTo(command, typeof(RelearnOptions))
        );
        var parsed = command.Parse(["--seed", "3", "--relearn-seed", "5", "--steps", "7"]);
        Assert.Empty(parsed.Errors);
        Assert.Equal(3UL, ((SleekOptions)sleek.Bind(parsed)).Seed);
        var bound = (RelearnOptions)relearn.Bind(parsed);
        Assert.Equal((5UL, 7), (bound.Seed, bound.Steps));
    }

    [Fact]
    public void A_record_that_is_added_twice_is_a_mistake_of_the_program()
    {
        var command = new Command("x");
        OptionBinder.AddTo(command, typeof(RelearnOptions));
        OptionBinder.AddTo(command, typeof(RelearnOptions));
        var error = Assert.Throws<InvalidOperationException>(() => OptionBinder.AddTo(command, typeof(RelearnOptions)));
        Assert.Contains("--relearn-", error.Message, StringComparison.Ordinal);
    }
}
