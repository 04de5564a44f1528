using System.Text.Json;

namespace Palimpsest.Training;

/// <summary>Weights, optimiser state and position of a run, written whole or not at all.</summary>
internal static class TrainCheckpoint
{
    private const string StateName = "state.json";
    private const string WeightsName = "weights.safetensors";
    private const string OptimizerName = "optimizer.safetensors";
    private const int Kept = 2;

    public sealed record State(int Step, long Tokens, string Options);

    /// <summary>Writes <c>checkpoints/step-N</c> through a temporary folder; older ones than the last two go.</summary>
    public static void Write(string runFolder, State state, CausalLM model, IOptimizer optimizer)
    {
        var folder = Path.Combine(runFolder, "checkpoints");
        var target = Path.Combine(folder, $"step-{state.Step:d8}");
        var temporary = $"{target}.{Environment.ProcessId}.tmp";
        if (Directory.Exists(temporary))
            Directory.Delete(temporary, recursive: true);
        Directory.CreateDirectory(temporary);
        using (var scope = NewDisposeScope())
        {
            SafetensorsFile.Write(
                Path.Combine(temporary, WeightsName), [.. model.TrainableParameters.Select(p => (p.Name, (Tensor)p.Value))]);
            SafetensorsFile.Write(Path.Combine(temporary, OptimizerName), [.. optimizer.State()]);
        }

        AtomicFile.WriteText(Path.Combine(temporary, StateName), JsonSerializer.Serialize(state));
        if (Directory.Exists(target))
            Directory.Delete(target, recursive: true);
        Directory.Move(temporary, target);
        foreach (var old in Finished(runFolder).SkipLast(Kept))
            Directory.Delete(old, recursive: true);
    }

    /// <summary>Loads the newest checkpoint into model and optimiser; null when there is none.</summary>
    /// <exception cref="InputException">It was made with other options, or does not fit the model.</exception>
    public static State? Load(string runFolder, string options, CausalLM model, IOptimizer optimizer)
    {
        foreach (var folder in Finished(runFolder).Reverse())
        {
            var state = JsonSerializer.Deserialize<State>(File.ReadAllText(Path.Combine(folder, StateName)))!;
            if (state.Options != options)
                throw new InputException($"{folder}: was made with other training options; use another run folder, or the same options.");
            using var weights = SafetensorsFile.Open(Path.Combine(folder, WeightsName));
            using var grad = no_grad();
            foreach (var (name, value) in model.TrainableParameters)
            {
                using var scope = NewDisposeScope();
                if (!weights.Shape(name).SequenceEqual(value.shape))
                    throw new InputException($"{folder}: '{name}' is [{string.Join(", ", weights.Shape(name))}]; the model needs [{string.Join(", ", value.shape)}].");
                value.copy_(weights.Read(name));
            }

            using var moments = SafetensorsFile.Open(Path.Combine(folder, OptimizerName));
            optimizer.LoadState(moments.Read);
            return state;
        }

        return null;
    }

    private static IEnumerable<string> Finished(string runFolder)
    {
        var folder = Path.Combine(runFolder, "checkpoints");
        return Directory.Exists(folder)
            ? Directory.GetDirectories(folder, "step-????????").Where(d => File.Exists(Path.Combine(d, StateName))).Order(StringComparer.Ordinal)
            : [];
    }
}
