namespace Palimpsest.Foundation.Tests;

public sealed class ProgressPartsTests
{
    private readonly List<TaskProgress> _told = [];

    [Fact]
    public void Parts_count_by_their_weight_and_stages_within_a_part_are_alike()
    {
        var parts = new ProgressParts(new Told(_told), [1, 3]);
        var first = parts.Part(0, "short");
        first.Report(new("a", 1, 2, "loss"));
        Assert.Equal(new("short", 1250, 10_000, "a loss", IsShare: true), _told[^1]);
        parts.End(0, "short");
        Assert.Equal(2500, _told[^1].Done);
        var second = parts.Part(1, "long", stages: 3);
        second.Report(new("model", 5, 10));
        Assert.Equal(2500 + 1250, _told[^1].Done);
        second.Report(new("model", 0, 10));
        Assert.Equal(2500 + 2500, _told[^1].Done);
        second.Report(new("other", 4, 8));
        Assert.Equal(2500 + 6250, _told[^1].Done);
        second.Report(new("more than was said", 8, 8));
        Assert.Equal(10_000, _told[^1].Done);
    }

    [Fact]
    public void It_never_goes_back_and_what_only_begins_is_no_stage()
    {
        var parts = new ProgressParts(new Told(_told), [1, 1]);
        var part = parts.Part(0, "x", stages: 2);
        part.Report(new("begins", 0, 0));
        part.Report(new("a", 3, 4));
        part.Report(new("b begins", 0, 0));
        Assert.Equal(1875, _told[^1].Done);
        Assert.Equal("b begins", _told[^1].Note);
        part.Report(new("b", 2, 4));
        Assert.Equal(3750, _told[^1].Done);
        Assert.Equal(_told.Select(t => t.Done).Order(), _told.Select(t => t.Done));
    }

    [Fact]
    public void Work_without_weight_or_listener_is_no_error()
    {
        var parts = new ProgressParts(new Told(_told), [0, 0]);
        parts.Part(1, "x").Report(new("a", 1, 1));
        Assert.Equal(0, _told[^1].Done);
        new ProgressParts(null, [1]).Part(0, "x").Report(new("a", 1, 1));
    }

    private sealed class Told(List<TaskProgress> told) : IProgress<TaskProgress>
    {
        public void Report(TaskProgress value) => told.Add(value);
    }
}
