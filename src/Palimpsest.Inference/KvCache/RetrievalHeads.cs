using System.Globalization;
using System.Text.Json;

namespace Palimpsest.Inference;

/// <summary>The key-value heads of a model that look far back, by layer.</summary>
public sealed class RetrievalHeads
{
    private const long MostBytes = 1 << 20;
    private const int MostHeads = 1 << 16;
    private static readonly JsonSerializerOptions Layout = new() { WriteIndented = true };

    private readonly SortedDictionary<int, SortedSet<int>> _heads = [];

    /// <summary>Heads by layer and number, both from 0.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public RetrievalHeads(IEnumerable<(int Layer, int Head)> heads)
    {
        ArgumentNullException.ThrowIfNull(heads);
        foreach (var (layer, head) in heads)
        {
            if (!_heads.TryGetValue(layer, out var known))
                _heads[layer] = known = [];
            known.Add(head);
        }

        if (_heads.Count == 0)
            throw new ArgumentException("There is no head.", nameof(heads));
    }

    /// <summary>How many there are.</summary>
    public int Count => _heads.Values.Sum(heads => heads.Count);

    /// <summary>Those of a layer, ascending.</summary>
    public IReadOnlyCollection<int> Of(int layer) => _heads.TryGetValue(layer, out var heads) ? heads : [];

    /// <summary>Reads <c>0:1;0:3;2:0</c>, layers and heads, or a file that <see cref="Save"/> wrote.</summary>
    /// <exception cref="InputException">Neither; the message names the place.</exception>
    public static RetrievalHeads Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.All(letter => char.IsAsciiDigit(letter) || letter is ':' or ';') ? OfText(text) : Load(text);
    }

    /// <summary>Reads a file {"0": [1, 3], "2": [0]}.</summary>
    /// <exception cref="InputException">The file is missing or has another layout.</exception>
    public static RetrievalHeads Load(string path)
    {
        var root = JsonField.Read(path, MostBytes);
        var heads = new List<(int, int)>();
        foreach (var (name, list) in root.Members())
        {
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var layer))
                throw new InputException($"{path}: '{name}' is no layer; allowed are whole numbers from 0.");
            heads.AddRange(list.Elements().Select(head => (layer, head.AsInteger(0, MostHeads))));
        }

        return heads.Count > 0 ? new(heads) : throw new InputException($"{path}: there is no head in it.");
    }

    /// <summary>Writes a file.</summary>
    public void Save(string path) => AtomicFile.WriteText(path, JsonSerializer.Serialize(_heads, Layout) + "\n");

    /// <summary>Refuses models that do not have these heads.</summary>
    /// <exception cref="InputException">The model has fewer layers or heads.</exception>
    public void Check(DecoderConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        foreach (var (layer, heads) in _heads)
        {
            if (layer >= config.Layers || heads.Max >= config.KeyValueHeads)
                throw new InputException(
                    $"razor-attention: layer {layer}, head {heads.Max} is not in the model, "
                        + $"which has {config.Layers} layers of {config.KeyValueHeads} key-value heads."
                );
        }
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Join(';', _heads.SelectMany(layer => layer.Value.Select(head => $"{layer.Key}:{head}")));

    private static RetrievalHeads OfText(string text)
    {
        var heads = new List<(int, int)>();
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            if (
                part.Split(':') is not [var layer, var head]
                || !int.TryParse(layer, out var layerNumber)
                || !int.TryParse(head, out var headNumber)
            )
                throw new InputException($"'{part}' is no head; allowed is LAYER:HEAD, for example 0:1;2:0.");
            heads.Add((layerNumber, headNumber));
        }

        return heads.Count > 0
            ? new(heads)
            : throw new InputException("there is no head; allowed is 0:1;2:0 or a file.");
    }
}
