using System.Diagnostics;
using System.Reflection;
using Palimpsest.TestKit;

namespace Palimpsest.Models.Tests;

public sealed class TorchRuntimeTests
{
    private static readonly string Managed = Path.Combine(AppContext.BaseDirectory, "TorchSharp.dll");

    [Fact]
    public void TorchSharp_runs_unoptimised_in_this_process()
    {
        var debuggable = typeof(torch).Assembly.GetCustomAttribute<DebuggableAttribute>();
        Assert.True(debuggable!.IsJITOptimizerDisabled);
    }

    [Fact]
    public void Only_the_two_bytes_of_the_modes_change_and_a_second_time_nothing_does()
    {
        using var folder = new TemporaryFolder();
        var (copy, before) = (Path.Combine(folder.Path, "TorchSharp.dll"), File.ReadAllBytes(Managed));
        var at = DebuggableAttributeBlob.FindModes(before);
        (before[at], before[at + 1]) = (2, 0);
        File.WriteAllBytes(copy, before);
        Assert.True(TorchRuntime.HoldOperands(copy));
        var after = File.ReadAllBytes(copy);
        Assert.Equal([at, at + 1], Enumerable.Range(0, before.Length).Where(i => before[i] != after[i]));
        Assert.False(TorchRuntime.HoldOperands(copy));
    }

    [Fact]
    public void Where_the_library_has_no_copy_that_can_be_marked_one_line_says_so()
    {
        using var folder = new TemporaryFolder();
        // Its name is so long that no new file can be written beside it, whoever asks.
        var copy = folder.File(new string('x', 240) + ".dll");
        Assert.Contains(copy, TorchRuntime.Hazard(copy)!, StringComparison.Ordinal);
        File.Copy(Managed, copy);
        Assert.Null(TorchRuntime.Hazard(copy));
        var bytes = File.ReadAllBytes(copy);
        bytes[DebuggableAttributeBlob.FindModes(bytes)] = 2;
        File.WriteAllBytes(copy, bytes);
        var line = TorchRuntime.Hazard(copy)!;
        Assert.Contains("cannot be marked", line, StringComparison.Ordinal);
        Assert.Contains(copy, line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    [Fact]
    public async Task Numbers_survive_collections_that_another_thread_starts()
    {
        var done = false;
        var collecting = Task.Run(
            () =>
            {
                while (!Volatile.Read(ref done))
                {
                    GC.Collect(0);
                    GC.WaitForPendingFinalizers();
                }
            },
            TestContext.Current.CancellationToken
        );
        try
        {
            using var scope = NewDisposeScope();
            var sum = zeros(100_000);
            var one = ones(100_000);
            for (var i = 0; i < 4000; i++)
            {
                using var inner = NewDisposeScope();
                sum.add_(0.5);
                sum.sub_((one + one) * 0.25);
            }

            Assert.Equal(0, sum.abs().max().item<float>());
        }
        finally
        {
            Volatile.Write(ref done, true);
            await collecting;
        }
    }
}
