using System.Text.Json;
using System.Text.Json.Serialization;

namespace Palimpsest.Unlearning;

/// <summary>Every way in which several models answer as one; results name theirs by id.</summary>
public static class LogitComposers
{
    /// <summary>How settings are written.</summary>
    internal static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>The composers.</summary>
    public static IReadOnlyList<CatalogEntry<ILogitComposer>> All { get; } =
    [
        CatalogEntry.Of<UldComposerOptions, ILogitComposer>(
            "uld",
            "A share of the assistant's logits is subtracted",
            "2406.08607",
            SystemOffers.None,
            options => new UldComposer(options)
        ),
        CatalogEntry.Of<OffsetComposerOptions, ILogitComposer>(
            OffsetMethod.Composer,
            "What training has changed in an assistant is added",
            "2406.08607",
            SystemOffers.None,
            options => new OffsetComposer(options)
        ),
        CatalogEntry.Of<WhpComposerOptions, ILogitComposer>(
            "whp",
            "What the reinforced model favours is taken off",
            "2310.02238",
            SystemOffers.None,
            options => new WhpComposer(options)
        ),
    ];

    /// <summary>The composer of an id.</summary>
    /// <exception cref="InputException">There is none.</exception>
    public static CatalogEntry<ILogitComposer> Find(string id) =>
        All.FirstOrDefault(entry => entry.Id == id)
        ?? throw new InputException(
            $"Unknown composer {JsonField.Shown(id)}; there are: {string.Join(", ", All.Select(entry => entry.Id))}."
        );

    /// <summary>The composer of a result's record.</summary>
    /// <param name="folder">The result's folder, for messages.</param>
    /// <param name="composition">Id and settings.</param>
    /// <exception cref="InputException">The composer is not known, or a setting is not or is outside its
    /// range.</exception>
    public static ILogitComposer Create(string folder, CompositionRecord composition)
    {
        ArgumentNullException.ThrowIfNull(composition);
        var place = Path.Combine(folder, ResultRecord.FileName);
        try
        {
            var entry = Find(composition.Composer);
            return entry.Create(composition.Settings.Deserialize(entry.OptionsType, Json)!);
        }
        catch (Exception error) when (error is JsonException or ArgumentException or InputException)
        {
            throw new InputException($"{place}: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }
}
