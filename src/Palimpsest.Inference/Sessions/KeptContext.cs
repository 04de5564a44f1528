using System.Globalization;
using Palimpsest.Erasure;

namespace Palimpsest.Inference;

/// <summary>The text of one conversation and its key-value cache, kept from answer to answer: only what is new is read,
/// a span can be erased, and all of it goes into a file and comes back bit for bit.</summary>
/// <remarks>One call at a time.</remarks>
public sealed class KeptContext : IDisposable
{
    private const string Format = "palimpsest-session";
    private const string Version = "1";

    private readonly LanguageModel _model;

    /// <summary>An empty text.</summary>
    /// <param name="model">Reads; stays the caller's.</param>
    /// <param name="policy">What the cache holds; everything by default.</param>
    /// <exception cref="InputException">The policy cannot serve the model.</exception>
    public KeptContext(LanguageModel model, IKvPolicy? policy = null)
        : this(model, NewCache(model, policy)) { }

    private KeptContext(LanguageModel model, Models.KvCache cache) => (_model, Cache) = (model, cache);

    /// <summary>What is held of the text.</summary>
    public Models.KvCache Cache { get; }

    /// <summary>
    /// Makes what is held a beginning of a text: where the two part, the tokens that are not in it are erased, and what
    /// had read them is read again.
    /// </summary>
    /// <param name="text">Token ids.</param>
    /// <returns>What became of the tokens that are not in the text; null when there were none.</returns>
    public ErasureReport? Follow(IReadOnlyList<int> text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Difference([.. Cache.Tokens(0)], [.. text]) is not { } span)
            return null;
        using var evaluation = _model.Decoder.Evaluate();
        return Cache.Erase(span);
    }

    /// <summary>Streams the text of one continuation, of which and of whose prompt only what is new is read.</summary>
    /// <param name="prompt">Token ids, those of the text so far included.</param>
    /// <param name="options">How; its cache policy is not asked.</param>
    /// <param name="onEnd">Told the tokens and what ended them.</param>
    /// <param name="cancellationToken">Stops between tokens and between parts of the prompt.</param>
    /// <exception cref="InputException">The prompt is empty or as long as the model's positions.</exception>
    public IAsyncEnumerable<string> StreamAsync(
        int[] prompt,
        GenerationOptions options,
        Action<GeneratedRow> onEnd,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(options);
        return _model.StreamAsync(
            new(prompt),
            options with
            {
                KvPolicy = null,
            },
            onEnd,
            () =>
            {
                Follow(prompt[..^1]);
                return new DecoderSteps(_model.Decoder).Continue(Cache);
            },
            cancellationToken
        );
    }

    /// <summary>Writes the text, the cache, and what tells the model apart: whole or not at all.</summary>
    /// <param name="path">The file, safetensors.</param>
    /// <param name="notes">Texts of the caller's that go along; names that begin with a dot are taken.</param>
    /// <exception cref="InputException">The file cannot be written.</exception>
    public void Save(string path, IReadOnlyDictionary<string, string>? notes = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        using var scope = NewDisposeScope();
        using var state = new KvState();
        Cache.Save(state);
        var facts = new Dictionary<string, string>(notes ?? new Dictionary<string, string>(), StringComparer.Ordinal)
        {
            [".format"] = Format,
            [".version"] = Version,
            [".model"] = ModelMark.HashOf(_model.Decoder),
            [".policy"] = Cache.Policy?.Id ?? "",
        };
        var probe = ModelMark.ProbeOf(_model.Decoder);
        SafetensorsFile.Write(
            path,
            [(".probe", probe), .. state.Tensors.Select(tensor => (tensor.Key, tensor.Value))],
            facts
        );
    }

    /// <summary>The notes of a file that <see cref="Save"/> has written.</summary>
    /// <exception cref="InputException">The file is missing, malformed, or no session.</exception>
    public static IReadOnlyDictionary<string, string> ReadNotes(string path)
    {
        using var file = SafetensorsFile.Open(path);
        RequireFormat(path, file);
        return file.Metadata;
    }

    /// <summary>A text as it was saved.</summary>
    /// <param name="path">The file.</param>
    /// <param name="model">The model that read it; stays the caller's.</param>
    /// <param name="policy">The policy that the cache followed, of the same settings.</param>
    /// <exception cref="InputException">The file is missing, malformed, or of another model or policy.</exception>
    public static KeptContext Load(string path, LanguageModel model, IKvPolicy? policy = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var scope = NewDisposeScope();
        using var file = SafetensorsFile.Open(path);
        RequireFormat(path, file);
        var id = file.Metadata.GetValueOrDefault(".policy", "");
        if (id != (policy?.Id ?? ""))
            throw new InputException(
                $"{path}: the session's cache follows {Named(id)}, not {Named(policy?.Id ?? "")}."
            );
        RequireModel(path, file, model);
        using var state = new KvState(path, file.Contains, file.Read);
        try
        {
            return new(model, Models.KvCache.Restore(model.Decoder, policy, state));
        }
        catch (System.Runtime.InteropServices.ExternalException error)
        {
            throw new InputException($"{path}: is no session: {error.Message.Split('\n')[0]}", error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Cache.Dispose();

    /// <summary>The tokens held that are to go so that the rest is a beginning of a text; null when there are
    /// none.</summary>
    internal static KvSpan? Difference(ReadOnlySpan<int> held, ReadOnlySpan<int> text)
    {
        var common = held.CommonPrefixLength(text);
        if (common == held.Length)
            return null;
        var end = common + 1;
        while (!text[common..].StartsWith(held[end..]))
            end++;
        return new(common, end);
    }

    private static Models.KvCache NewCache(LanguageModel model, IKvPolicy? policy)
    {
        ArgumentNullException.ThrowIfNull(model);
        const int FirstCapacity = 256;
        var decoder = model.Decoder;
        return new(decoder.Config, 1, Math.Min(FirstCapacity, model.MaxTokens), decoder.Device, policy);
    }

    private static void RequireFormat(string path, SafetensorsFile file)
    {
        if (file.Metadata.GetValueOrDefault(".format") != Format)
            throw new InputException($"{path}: is no session.");
        if (file.Metadata.GetValueOrDefault(".version") is var version && version != Version)
            throw new InputException(
                $"{path}: is a session of version {JsonField.Shown(version ?? "")}; allowed is {Version}."
            );
    }

    private static void RequireModel(string path, SafetensorsFile file, LanguageModel model)
    {
        var hidden = model.Decoder.Config.HiddenSize;
        var isSame =
            file.Metadata.GetValueOrDefault(".model") == ModelMark.HashOf(model.Decoder)
            && file.Contains(".probe")
            && file.Type(".probe") == ScalarType.Float32
            && file.Shape(".probe").SequenceEqual([hidden])
            && ModelMark.AreSame(file.Read(".probe"), ModelMark.ProbeOf(model.Decoder));
        if (!isSame)
            throw new InputException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{path}: is a session of another model than {model.Name}, to which its cache means nothing."
                )
            );
    }

    private static string Named(string policy) => policy.Length == 0 ? "no policy" : $"'{policy}'";
}
