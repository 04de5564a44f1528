using System.Text.Json;
using System.Text.Json.Serialization;

namespace Palimpsest.Training;

/// <summary>Weights, optimiser state and position of a run, written whole or not at all.</summary>
internal static class TrainCheckpoint
{
    private const string StateName = "state.json";
    private const string WeightsName = "weights.safetensors";
    private const string OptimizerName = "optimizer.safetensors";
    private const int Kept = 2;

    private static readonly JsonSerializerOptions Json = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public sealed record State(int Step, long Tokens, double Loss, string Options);

    /// <summary>Writes <c>checkpoints/step-N</c> through a temporary folder; older ones than the last two go.</summary>
    /// <exception cref="InputException">It cannot be written; the checkpoints before stay.</exception>
    public static void Write(string runFolder, State state, CausalLM model, IOptimizer optimizer)
    {
        var folder = Path.Combine(runFolder, "checkpoints");
        AtomicFolder.RemoveLeftovers(folder);
        AtomicFolder.Write(
            Path.Combine(folder, $"step-{state.Step:d8}"),
            place =>
            {
                using var scope = NewDisposeScope();
                SafetensorsFile.Write(
                    Path.Combine(place, WeightsName),
                    [.. model.TrainableParameters.Select(p => (p.Name, (Tensor)p.Value))]
                );
                SafetensorsFile.Write(Path.Combine(place, OptimizerName), [.. optimizer.State()]);
                AtomicFile.WriteText(Path.Combine(place, StateName), JsonSerializer.Serialize(state, Json));
            }
        );
        foreach (var old in All(runFolder).SkipLast(Kept))
            Directory.Delete(old, recursive: true);
    }

    /// <summary>Loads the newest whole checkpoint into model and optimiser; null when there is none.</summary>
    /// <remarks>
    /// A damaged one is passed over for the one before, since the steps between are taken again with the same result.
    /// </remarks>
    /// <exception cref="InputException">It was made with other options, does not fit the model, or all are
    /// damaged.</exception>
    public static State? Load(string runFolder, string options, CausalLM model, IOptimizer optimizer)
    {
        InputException? damage = null;
        foreach (var folder in All(runFolder).Reverse())
        {
            State state;
            SafetensorsFile? weights = null,
                moments = null;
            try
            {
                state = ReadState(folder);
                weights = SafetensorsFile.Open(Path.Combine(folder, WeightsName));
                moments = SafetensorsFile.Open(Path.Combine(folder, OptimizerName));
            }
            catch (InputException error)
            {
                damage ??= error;
                weights?.Dispose();
                continue;
            }

            using (weights)
            using (moments)
            {
                if (state.Options != options)
                    throw new InputException(
                        $"{folder}: was made with other training options; use another run folder, or the same options."
                    );
                Restore(folder, weights, moments, model, optimizer);
                return state;
            }
        }

        return damage is null
            ? null
            : throw new InputException(
                $"{damage.Message} No checkpoint is whole: delete the folder 'checkpoints' to start anew.",
                damage
            );
    }

    private static State ReadState(string folder)
    {
        var path = Path.Combine(folder, StateName);
        try
        {
            var state = JsonSerializer.Deserialize<State>(File.ReadAllText(path), Json);
            return state is { Step: >= 0, Tokens: >= 0, Options: not null }
                ? state
                : throw new JsonException("a field is missing.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new InputException(
                $"{path}: is not the state of a checkpoint: {error.Message.ReplaceLineEndings(" ")}",
                error
            );
        }
    }

    private static void Restore(
        string folder,
        SafetensorsFile weights,
        SafetensorsFile moments,
        CausalLM model,
        IOptimizer optimizer
    )
    {
        using var grad = no_grad();
        foreach (var (name, value) in model.TrainableParameters)
        {
            if (!weights.Shape(name).SequenceEqual(value.shape))
                throw new InputException(
                    $"{folder}: '{name}' is [{string.Join(", ", weights.Shape(name))}]; the model needs "
                        + $"[{string.Join(", ", value.shape)}]."
                );
        }

        using var scope = NewDisposeScope();
        foreach (var (name, value) in optimizer.State())
        {
            if (!moments.Shape(name).SequenceEqual(value.shape))
                throw new InputException(
                    $"{folder}: '{name}' is [{string.Join(", ", moments.Shape(name))}]; the optimiser needs "
                        + $"[{string.Join(", ", value.shape)}]."
                );
        }

        foreach (var (name, value) in model.TrainableParameters)
        {
            using var inner = NewDisposeScope();
            value.copy_(weights.Read(name));
        }

        optimizer.LoadState(moments.Read);
    }

    private static IEnumerable<string> All(string runFolder)
    {
        var folder = Path.Combine(runFolder, "checkpoints");
        return Directory.Exists(folder)
            ? Directory.GetDirectories(folder, "step-????????").Order(StringComparer.Ordinal)
            : [];
    }
}
