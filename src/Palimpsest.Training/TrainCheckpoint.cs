using System.Text.Json;
using System.Text.Json.Serialization;

namespace Palimpsest.Training;

/// <summary>Weights, optimiser state and position of a run, written whole or not at all.</summary>
internal static class TrainCheckpoint
{
    private const string StateName = "state.json";
    private const string WeightsName = "weights.safetensors";
    private const string OptimizerName = "optimizer.safetensors";
    private const string PartsName = "parts.safetensors";
    private const int Kept = 2;

    private static readonly JsonSerializerOptions Json = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <param name="Step">Steps finished.</param>
    /// <param name="Tokens">Real tokens seen.</param>
    /// <param name="Loss">Loss of the last step.</param>
    /// <param name="Options">All settings of the run, in words.</param>
    /// <param name="Stopped">True when an extension stopped the run there.</param>
    public sealed record State(int Step, long Tokens, double Loss, string Options, bool Stopped = false);

    /// <summary>What a checkpoint is taken of.</summary>
    public sealed record Content(ITrainable Model, IOptimizer Optimizer, TrainParts Parts);

    /// <summary>Writes <c>checkpoints/step-N</c> through a temporary folder; older ones than the last two go.</summary>
    /// <exception cref="InputException">It cannot be written; the checkpoints before stay.</exception>
    public static void Write(string runFolder, State state, Content content)
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
                    [
                        .. content.Model.TrainableParameters.Select(p => (p.Name, (Tensor)p.Value)),
                        .. Buffers(content.Model),
                    ]
                );
                SafetensorsFile.Write(Path.Combine(place, OptimizerName), [.. content.Optimizer.State()]);
                if (content.Parts.State().ToArray() is { Length: > 0 } parts)
                    SafetensorsFile.Write(Path.Combine(place, PartsName), parts);
                AtomicFile.WriteText(Path.Combine(place, StateName), JsonSerializer.Serialize(state, Json));
            }
        );
        foreach (var old in All(runFolder).SkipLast(Kept))
            Directory.Delete(old, recursive: true);
    }

    /// <summary>Loads the newest whole checkpoint into model, optimiser and parts; null when there is none.</summary>
    /// <remarks>
    /// A damaged one is passed over for the one before, since the steps between are taken again with the same result.
    /// </remarks>
    /// <exception cref="InputException">It was made with other options, does not fit the model, or all are
    /// damaged.</exception>
    public static State? Load(string runFolder, string options, Content content)
    {
        InputException? damage = null;
        foreach (var folder in All(runFolder).Reverse())
        {
            State state;
            SafetensorsFile? weights = null,
                moments = null,
                parts = null;
            try
            {
                state = ReadState(folder);
                weights = SafetensorsFile.Open(Path.Combine(folder, WeightsName));
                moments = SafetensorsFile.Open(Path.Combine(folder, OptimizerName));
                if (content.Parts.State().Any())
                    parts = SafetensorsFile.Open(Path.Combine(folder, PartsName));
            }
            catch (InputException error)
            {
                damage ??= error;
                weights?.Dispose();
                moments?.Dispose();
                continue;
            }

            using (weights)
            using (moments)
            using (parts)
            {
                if (state.Options != options)
                    throw new InputException(
                        $"{folder}: was made with other training options; use another run folder, or the same options."
                    );
                Restore(folder, weights, moments, parts, content);
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

    /// <summary>The folder of the newest checkpoint, or null.</summary>
    public static string? Newest(string runFolder) => All(runFolder).LastOrDefault();

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
        SafetensorsFile? parts,
        Content content
    )
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var held = content
            .Model.TrainableParameters.Select(p => (p.Name, (Tensor)p.Value))
            .Concat(Buffers(content.Model))
            .ToArray();
        RequireShapes(folder, weights, held, "model");
        if (weights.Names.Except(held.Select(weight => weight.Item1)).FirstOrDefault() is { } unknown)
            throw new InputException($"{folder}: has '{unknown}', which the model lacks or does not train.");
        RequireShapes(folder, moments, content.Optimizer.State(), "optimiser");
        if (parts is not null)
            RequireShapes(folder, parts, content.Parts.State(), "training");
        foreach (var (name, value) in content.Model.TrainableParameters)
        {
            using var inner = NewDisposeScope();
            value.copy_(weights.Read(name));
        }

        foreach (var (name, value) in Buffers(content.Model))
        {
            using var inner = NewDisposeScope();
            value.copy_(weights.Read(name));
        }

        content.Optimizer.LoadState(moments.Read);
        if (parts is not null)
            content.Parts.LoadState(parts.Read);
    }

    private static IEnumerable<(string Name, Tensor Value)> Buffers(ITrainable model) =>
        model.Buffers.Select(buffer => ($"buffer/{buffer.Name}", buffer.Value));

    private static void RequireShapes(
        string folder,
        SafetensorsFile file,
        IEnumerable<(string Name, Tensor Value)> needed,
        string who
    )
    {
        foreach (var (name, value) in needed)
        {
            if (!file.Shape(name).SequenceEqual(value.shape))
                throw new InputException(
                    $"{folder}: '{name}' is [{string.Join(", ", file.Shape(name))}]; the {who} needs "
                        + $"[{string.Join(", ", value.shape)}]."
                );
        }
    }

    private static IEnumerable<string> All(string runFolder)
    {
        var folder = Path.Combine(runFolder, "checkpoints");
        return Directory.Exists(folder)
            ? Directory.GetDirectories(folder, "step-????????").Order(StringComparer.Ordinal)
            : [];
    }
}
