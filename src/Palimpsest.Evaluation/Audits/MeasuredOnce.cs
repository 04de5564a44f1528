namespace Palimpsest.Evaluation;

/// <summary>Keeps what was measured of models that several audits share, so that each is measured once.</summary>
internal sealed class MeasuredOnce
{
    private readonly Dictionary<object, object> _known = [];

    /// <summary>The value of a key, measured when it is not known yet.</summary>
    /// <param name="key">Everything that the value depends on; lists and models count by identity.</param>
    /// <param name="measure">Measures it.</param>
    public async Task<T> GetAsync<T>(object key, Func<Task<T>> measure)
        where T : class
    {
        if (_known.TryGetValue(key, out var known))
            return (T)known;
        var value = await measure().ConfigureAwait(false);
        _known[key] = value;
        return value;
    }
}
