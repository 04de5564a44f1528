namespace Palimpsest.Training.Tests;

public sealed class LearningRateScheduleTests
{
    [Theory]
    [InlineData(ScheduleKind.Constant, 1, 1, 1)]
    [InlineData(ScheduleKind.Linear, 1, 0.5, 0.02)]
    [InlineData(ScheduleKind.Cosine, 1, 0.5, 0.000986636)]
    [InlineData(ScheduleKind.WarmupStableDecay, 1, 1, 0.1)]
    public void Rates_have_their_shape(ScheduleKind kind, double first, double middle, double last)
    {
        var schedule = new LearningRateSchedule(new() { Kind = kind }, 1, 50);
        Assert.Equal(first, schedule.At(0), 1e-6);
        Assert.Equal(middle, schedule.At(25), 1e-6);
        Assert.Equal(last, schedule.At(49), 1e-6);
    }

    [Fact]
    public void Warm_up_rises_in_equal_steps_to_the_peak()
    {
        var schedule = new LearningRateSchedule(new() { Kind = ScheduleKind.Cosine, WarmupSteps = 4 }, 2, 20);
        Assert.Equal([0.5, 1, 1.5, 2, 2], Enumerable.Range(0, 5).Select(schedule.At));
    }
}
