using System.Runtime.InteropServices;

namespace Palimpsest.Models;

/// <summary>Spreads a loop of managed code over the threads that libtorch uses.</summary>
/// <remarks>
/// On Linux libtorch's threads belong to OpenMP and spin between two operations; work on the platform's own threads
/// would have to share the cores with them. Elsewhere, and where OpenMP is not found, the platform's threads run the
/// loop.
/// </remarks>
public static unsafe class TorchThreads
{
    private static readonly delegate* unmanaged<delegate* unmanaged<nint, void>, nint, uint, uint, void> OpenMp =
        Find();

    /// <summary>A part of the work.</summary>
    /// <param name="part">Its number.</param>
    public delegate void Part(int part);

    /// <summary>Runs the parts 0 to <paramref name="parts"/> − 1, in any order and at the same time; returns when all
    /// are done.</summary>
    /// <exception cref="AggregateException">Some part threw.</exception>
    public static void Run(int parts, Part body)
    {
        ArgumentNullException.ThrowIfNull(body);
        var threads = parts <= 1 ? 1 : Math.Min(parts, get_num_threads());
        if (threads <= 1)
        {
            for (var part = 0; part < parts; part++)
                body(part);
        }
        else if (OpenMp is null)
        {
            Parallel.For(0, parts, new() { MaxDegreeOfParallelism = threads }, part => body(part));
        }
        else
        {
            var work = new Work(parts, body);
            var handle = GCHandle.Alloc(work);
            OpenMp(&Enter, GCHandle.ToIntPtr(handle), (uint)threads, 0);
            handle.Free();
            if (work.Error is { } error)
                throw new AggregateException(error);
        }
    }

    [UnmanagedCallersOnly]
    private static void Enter(nint handle) => ((Work)GCHandle.FromIntPtr(handle).Target!).Take();

    // libtorch's library knows the OpenMP that it was linked with, whatever its file is called.
    private static delegate* unmanaged<delegate* unmanaged<nint, void>, nint, uint, uint, void> Find() =>
        OperatingSystem.IsLinux()
        && NativeLibrary.TryLoad("torch_cpu", typeof(torch).Assembly, null, out var library)
        && NativeLibrary.TryGetExport(library, "GOMP_parallel", out var parallel)
            ? (delegate* unmanaged<delegate* unmanaged<nint, void>, nint, uint, uint, void>)parallel
            : null;

    private sealed class Work(int parts, Part body)
    {
        private int _next;

        public Exception? Error { get; private set; }

        public void Take()
        {
            try
            {
                for (
                    var part = Interlocked.Increment(ref _next) - 1;
                    part < parts;
                    part = Interlocked.Increment(ref _next) - 1
                )
                    body(part);
            }
            catch (Exception error)
            {
                // No exception may cross OpenMP's frames.
                Error = error;
            }
        }
    }
}
