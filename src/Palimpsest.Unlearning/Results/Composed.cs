using System.Text.Json;

namespace Palimpsest.Unlearning;

/// <summary>Several models that answer as one: the original with its weights as they were, and an assistant that was
/// trained. Forgotten is by the service alone: whoever holds the original can leave the assistant out.</summary>
public sealed record Composed : UnlearnResult, IDisposable
{
    /// <summary>The folder of the assistant within the result's.</summary>
    public const string AssistantFolder = "assistant";

    /// <summary>The folder of the assistant as it began, where there is one.</summary>
    public const string BeginningFolder = "assistant-beginning";

    private readonly CatalogEntry<ILogitComposer> _composer;
    private readonly object _settings;

    /// <summary>Takes what a run made.</summary>
    /// <param name="assistant">The model that was trained; disposed with the result.</param>
    /// <param name="composer">The id of a line of <see cref="LogitComposers"/>.</param>
    /// <param name="settings">The composer's settings, of the line's type.</param>
    /// <param name="training">How the run ended.</param>
    /// <exception cref="InputException">There is no such composer.</exception>
    public Composed(CausalLM assistant, string composer, object settings, TrainResult training)
        : base(training) => (Assistant, _composer, _settings) = (assistant, LogitComposers.Find(composer), settings);

    /// <summary>The model that was trained.</summary>
    public CausalLM Assistant { get; }

    /// <summary>The assistant as it began, where the composer compares with it; disposed with the result.</summary>
    public CausalLM? Beginning { get; init; }

    /// <summary>There is none.</summary>
    /// <exception cref="InvalidOperationException">Always.</exception>
    public override CausalLM Model =>
        throw new InvalidOperationException(
            $"The result of {_composer.Id} is models that answer as one; no decoder alone has forgotten. Open it."
        );

    /// <inheritdoc/>
    public override IReadOnlyList<string> StillHeldBy =>
        [
            "the original: without the assistant it answers as before",
            Beginning is null
                ? "the assistant, which was taught what is to be forgotten"
                : "the assistants, which have the original's first layers",
        ];

    /// <inheritdoc/>
    public override GeneratingModel Open(LanguageModel original, string name)
    {
        ArgumentNullException.ThrowIfNull(original);
        return new ComposedModel(
            name,
            _composer.Create(_settings),
            [original, .. Parts.Select(part => (LanguageModel)original.WithDecoder(part.Decoder, part.Folder))]
        )
        {
            OwnsModels = false,
        };
    }

    private protected override ResultRecord Write(
        string folder,
        LanguageModel original,
        string path,
        ResultRecord about
    )
    {
        foreach (var (name, decoder) in Parts)
            original.SaveAs(decoder, Path.Combine(folder, name));
        return about with
        {
            Base = BaseRecord.Of(path),
            Composition = new(
                _composer.Id,
                JsonSerializer.SerializeToElement(_settings, _composer.OptionsType, LogitComposers.Json),
                [.. Parts.Select(part => part.Folder)]
            ),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, decoder) in Parts)
            decoder.Dispose();
    }

    private IEnumerable<(string Folder, CausalLM Decoder)> Parts =>
        Beginning is null
            ? [(AssistantFolder, Assistant)]
            : [(AssistantFolder, Assistant), (BeginningFolder, Beginning)];
}
