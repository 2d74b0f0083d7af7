using LowRank.FineTuning.Training;

namespace LowRank.FineTuning.Tests.Training;

public sealed class LearningRateScheduleTests
{
    [Theory]
    [InlineData(ScheduleKind.Linear, 0, 1)]
    [InlineData(ScheduleKind.Linear, 5, 0.5)]
    [InlineData(ScheduleKind.Linear, 9, 0.1)]
    [InlineData(ScheduleKind.Linear, 10, 0)]
    [InlineData(ScheduleKind.Cosine, 0, 1)]
    [InlineData(ScheduleKind.Cosine, 5, 0.5)]
    [InlineData(ScheduleKind.Cosine, 10, 0)]
    [InlineData(ScheduleKind.Constant, 9, 1)]
    public void At_WithoutWarmup_Falls(ScheduleKind kind, int step, double expected) =>
        Assert.Equal(expected, new LearningRateSchedule { Kind = kind }.At(step, 10), 1e-12);

    [Fact]
    public void At_WithWarmupAndFinalShare_RisesAndEndsThere()
    {
        var schedule = new LearningRateSchedule { WarmupSteps = 4, FinalShare = 0.1 };
        Assert.Equal(
            [0.2, 0.4, 0.6, 0.8, 1.0], Enumerable.Range(0, 5).Select(step => Math.Round(schedule.At(step, 14), 12)));
        Assert.Equal(0.1, schedule.At(14, 14), 1e-12);
    }

    [Fact]
    public void At_OutsideTheRun_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new LearningRateSchedule().At(11, 10));
}
