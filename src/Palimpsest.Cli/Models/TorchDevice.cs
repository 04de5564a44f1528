namespace Palimpsest.Cli;

/// <summary>The device that a name stands for.</summary>
internal static class TorchDevice
{
    private static readonly string[] CudaLibraries = ["libtorch_cuda.so", "torch_cuda.dll"];

    /// <summary>The device of <c>cpu</c> or <c>cuda</c>.</summary>
    /// <exception cref="InputException">The name is another, or this program or machine has no CUDA.</exception>
    public static Device Of(string name)
    {
        if (string.Equals(name, "cpu", StringComparison.OrdinalIgnoreCase))
            return CPU;
        if (!string.Equals(name, "cuda", StringComparison.OrdinalIgnoreCase))
            throw new InputException($"--device: '{name}' is not one of cpu, cuda.");
        // Asking libtorch without its CUDA part would search, and copy, for minutes.
        if (!HasCudaLibrary())
            throw new InputException(
                "--device: this build has libtorch for the CPU alone; build with -p:TorchBackend=cuda-linux or "
                    + "cuda-windows for cuda."
            );
        return cuda.is_available()
            ? CUDA
            : throw new InputException("--device: this machine has no usable CUDA device; allowed is cpu.");
    }

    private static bool HasCudaLibrary() =>
        Directory
            .EnumerateFiles(AppContext.BaseDirectory, "*torch_cuda*", SearchOption.AllDirectories)
            .Any(file => CudaLibraries.Contains(Path.GetFileName(file)));
}
