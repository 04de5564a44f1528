using System.Text.Json;

namespace Palimpsest.Checkpoints;

/// <summary>The safetensors files of a model folder, one or many, as one list of tensors; only headers are read at
/// first.</summary>
public sealed class WeightFiles : IDisposable
{
    /// <summary>The one file of a model that is not split.</summary>
    public const string SingleName = "model.safetensors";

    /// <summary>The list of a split model's files.</summary>
    public const string IndexName = "model.safetensors.index.json";

    private readonly Dictionary<string, (string Path, SafetensorsFile File)> _places = new(StringComparer.Ordinal);
    private readonly List<SafetensorsFile> _open = [];
    private readonly List<string> _names = [];

    private WeightFiles(string folder, IReadOnlyList<string> paths) => (Folder, Paths) = (folder, paths);

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>The files, in the order of their names.</summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>The tensors' names, file by file, in the order of their data.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>Opens the files of a folder and checks their headers against each other and the index.</summary>
    /// <exception cref="InputException">A file is missing or not valid, or a tensor is there twice or not where the
    /// index says.</exception>
    public static WeightFiles Open(string folder)
    {
        var index = Path.Combine(folder, IndexName);
        var single = Path.Combine(folder, SingleName);
        if (!Directory.Exists(folder))
            throw new InputException($"{folder}: the model folder does not exist.");
        if (!File.Exists(index) && !File.Exists(single))
            throw new InputException($"{folder}: has neither {SingleName} nor {IndexName}.");
        var map = File.Exists(index) ? ReadIndex(index, folder, File.Exists(single)) : [];
        var files = new WeightFiles(
            folder,
            map.Count == 0 ? [single] : [.. map.Values.Distinct().Order(StringComparer.Ordinal)]
        );
        try
        {
            foreach (var path in files.Paths)
                files.Add(path);
            foreach (var (name, path) in map)
            {
                if (!files._places.TryGetValue(name, out var place) || place.Path != path)
                    throw new InputException($"{index}: tensor '{name}' is not in file '{Path.GetFileName(path)}'.");
            }

            return files;
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>True when there is a tensor of that name.</summary>
    public bool Contains(string name) => _places.ContainsKey(name);

    /// <summary>Name, type and shape of a tensor.</summary>
    /// <exception cref="InputException">There is no such tensor.</exception>
    public TensorSpec Spec(string name)
    {
        var file = Place(name).File;
        return new(name, file.Type(name), file.Shape(name));
    }

    /// <summary>The file that holds a tensor.</summary>
    /// <exception cref="InputException">There is no such tensor.</exception>
    public string PathOf(string name) => Place(name).Path;

    /// <summary>Reads a tensor in its own type; the caller disposes it.</summary>
    /// <exception cref="InputException">There is no such tensor, or it is cut short.</exception>
    public Tensor Read(string name) => Place(name).File.Read(name);

    /// <summary>Reads a tensor into a view of its shape, converted to the view's type, a chunk of rows at a
    /// time.</summary>
    /// <exception cref="InputException">There is no such tensor, or it is cut short.</exception>
    public void ReadInto(string name, Tensor target) => Place(name).File.ReadInto(name, target);

    /// <summary>As <see cref="ReadInto"/>, and refuses what is not a number.</summary>
    /// <exception cref="InputException">There is no such tensor, it is cut short, or it holds NaN or
    /// infinity.</exception>
    public void ReadFiniteInto(string name, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(target);
        ReadInto(name, target);
        using var scope = NewDisposeScope();
        if (!target.sum().isfinite().item<bool>() && !target.isfinite().all().item<bool>())
            throw new InputException($"{PathOf(name)}: tensor '{name}' holds NaN or infinity.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in _open)
            file.Dispose();
    }

    private (string Path, SafetensorsFile File) Place(string name) =>
        _places.TryGetValue(name, out var place)
            ? place
            : throw new InputException($"{Folder}: tensor '{name}' is missing.");

    private void Add(string path)
    {
        var file = SafetensorsFile.Open(path);
        _open.Add(file);
        foreach (var name in file.Names)
        {
            if (!_places.TryAdd(name, (path, file)))
                throw new InputException($"{path}: tensor '{name}' is there twice.");
            _names.Add(name);
        }
    }

    /// <summary>Where the tensors are; empty where the single file stands for the model although there is an
    /// index.</summary>
    private static Dictionary<string, string> ReadIndex(string index, string folder, bool hasSingle)
    {
        using var document = JsonFile.Read(index);
        try
        {
            var places = Places(index, document.RootElement);
            var missing = places.FirstOrDefault(place => !File.Exists(Path.Combine(folder, place.Value)));
            if (hasSingle && places.Values.Any(file => file != SingleName))
            {
                if (missing.Key is null)
                    throw new InputException(
                        $"{folder}: has the weights of two models, {SingleName} and the files of {IndexName}; "
                            + "remove one."
                    );
                Notices.Say(
                    $"{index}: names {JsonField.Shown(missing.Value)}, which is missing; {SingleName} is read instead."
                );
                return [];
            }

            if (missing.Key is { } tensor)
                throw new InputException(
                    $"{index}: file {JsonField.Shown(missing.Value)} of tensor {JsonField.Shown(tensor)} is missing."
                );
            return places.ToDictionary(
                place => place.Key,
                place => Path.Combine(folder, place.Value),
                StringComparer.Ordinal
            );
        }
        catch (InvalidOperationException error)
        {
            throw new InputException($"{index}: holds a text that is not valid Unicode.", error);
        }
    }

    private static Dictionary<string, string> Places(string index, JsonElement root)
    {
        if (
            root.ValueKind != JsonValueKind.Object
            || !root.TryGetProperty("weight_map", out var map)
            || map.ValueKind != JsonValueKind.Object
        )
            throw new InputException($"{index}: field 'weight_map' must be an object from tensors to files.");
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in map.EnumerateObject())
        {
            var name = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()! : "";
            if (
                name.Length == 0
                || name != Path.GetFileName(name)
                || !name.EndsWith(".safetensors", StringComparison.Ordinal)
            )
                throw new InputException(
                    $"{index}: weight_map: {JsonField.Shown(entry.Name)} is "
                        + $"{JsonField.Shown(entry.Value.GetRawText())}; allowed is a .safetensors file of the same "
                        + $"folder."
                );
            files[entry.Name] = name;
        }

        return files.Count > 0 ? files : throw new InputException($"{index}: 'weight_map' names no tensor.");
    }
}
