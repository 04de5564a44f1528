namespace Palimpsest.Foundation;

/// <summary>A line that can make its system.</summary>
/// <typeparam name="TSystem">What is made.</typeparam>
/// <param name="Id">What users type, for example <c>npo-rt</c>.</param>
/// <param name="Title">Its name in words.</param>
/// <param name="ArXiv">The paper's arXiv number.</param>
/// <param name="OptionsType">The record of its settings.</param>
/// <param name="Offers">What it is here for.</param>
/// <param name="Create">
/// Makes the system from a record of that type; throws <see cref="InputException"/> for a setting that would have no
/// effect.
/// </param>
public sealed record CatalogEntry<TSystem>(
    string Id,
    string Title,
    string ArXiv,
    Type OptionsType,
    SystemOffers Offers,
    Func<object, TSystem> Create
) : CatalogEntry(Id, Title, ArXiv, OptionsType, Offers)
{
    /// <summary>The system with its default settings.</summary>
    public TSystem CreateDefault() => Create(Activator.CreateInstance(OptionsType)!);
}
