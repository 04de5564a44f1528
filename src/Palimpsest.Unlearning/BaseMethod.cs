namespace Palimpsest.Unlearning;

/// <summary>The method under one that chooses weights.</summary>
internal static class BaseMethod
{
    /// <summary>A method of the catalogue that trains the model's own weights, with default settings.</summary>
    /// <exception cref="InputException">There is no such method, or it does not.</exception>
    public static IUnlearningMethod Find(string id, string method)
    {
        // One that chooses weights itself takes no adapter.
        var found = Catalog.Find(method).CreateDefault();
        if (found is { Composes: false, TakesAdapter: true, OwnLora: null })
            return found;
        throw new InputException(
            $"{id}: Method is '{method}', which does not train all of the model's own weights; allowed is one that "
                + "does, for example graddiff, npo-rt or idk."
        );
    }
}
