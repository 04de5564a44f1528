namespace Palimpsest.Foundation;

/// <summary>A published system's line in its project's catalogue.</summary>
/// <param name="Id">What users type, for example <c>npo-rt</c>.</param>
/// <param name="Title">Its name in words.</param>
/// <param name="ArXiv">The paper's arXiv number.</param>
/// <param name="OptionsType">The record of its settings; it has a constructor without parameters.</param>
/// <param name="Offers">What it is here for.</param>
public abstract record CatalogEntry(string Id, string Title, string ArXiv, Type OptionsType, SystemOffers Offers)
{
    /// <summary>A line whose system is made from its settings.</summary>
    /// <param name="id">What users type.</param>
    /// <param name="title">Its name in words.</param>
    /// <param name="arXiv">The paper's arXiv number.</param>
    /// <param name="offers">What it is here for.</param>
    /// <param name="create">Makes the system; for a system that is a function, the function with its settings filled
    /// in.</param>
    public static CatalogEntry<TSystem> Of<TOptions, TSystem>(
        string id,
        string title,
        string arXiv,
        SystemOffers offers,
        Func<TOptions, TSystem> create
    )
        where TOptions : class, new() =>
        new(id, title, arXiv, typeof(TOptions), offers, options => create((TOptions)options));
}
