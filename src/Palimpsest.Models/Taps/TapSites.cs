namespace Palimpsest.Models;

/// <summary>Which sites a decoder has.</summary>
internal static class TapSites
{
    /// <summary>Refuses a tap that names no site, or one that the model does not have.</summary>
    /// <exception cref="InputException">The message has the site and the nearest that exist.</exception>
    public static void Require(DecoderConfig config, ITap tap, IReadOnlyList<TapSite> sites)
    {
        var name = tap.GetType().Name;
        if (sites.Count == 0)
            throw new InputException($"{name}: names no site; a tap needs at least one.");
        foreach (var site in sites)
        {
            if (!Exists(config, site))
                throw new InputException(
                    $"{name}: {site} is no site of this {config.Family} model of {config.Layers} layers; "
                        + $"{Nearest(config, site)}."
                );
        }
    }

    private static bool Exists(DecoderConfig config, TapSite site) =>
        site.Layer is { } layer
            ? Has(config, layer, site.Point, site.Expert)
            : Layers(config).Any(any => Has(config, any, site.Point, site.Expert));

    private static IEnumerable<int> Layers(DecoderConfig config) => Enumerable.Range(0, config.Layers + 1);

    private static bool Has(DecoderConfig config, int layer, TapPoint point, int? expert)
    {
        if (point is TapPoint.TokenEmbedding or TapPoint.Embedding)
            return layer == 0 && expert is null;
        if (point == TapPoint.FinalNorm)
            return layer == config.Layers && expert is null;
        if (layer < 0 || layer >= config.Layers || (point == TapPoint.MlpGate && !config.GatedMlp))
            return false;
        var experts = config.Experts is { } all && !all.DenseLayers.Contains(layer) ? all : null;
        if (experts is null)
            return expert is null && point is not (TapPoint.RouterLogits or TapPoint.ExpertOutput);
        return expert is null || (IsInsideExperts(point) && HasExpert(experts, expert.Value));
    }

    private static bool IsInsideExperts(TapPoint point) =>
        point is TapPoint.MlpPreActivation or TapPoint.MlpGate or TapPoint.MlpKey or TapPoint.ExpertOutput;

    private static bool HasExpert(ExpertConfig experts, int expert) =>
        expert == TapSite.SharedExpert ? experts.SharedIntermediateSize > 0 : expert >= 0 && expert < experts.Count;

    private static string Nearest(DecoderConfig config, TapSite site)
    {
        if (site.Layer is { } asked && Exists(config, site with { Expert = null }))
            return site.Expert is null || config.Experts is not { } experts || !IsInsideExperts(site.Point)
                ? $"nearest is {site with { Expert = null }}"
                : $"nearest is {site with { Expert = Math.Clamp(site.Expert.Value, 0, experts.Count - 1) }}";
        var sameExpert = NearestLayer(config, site, site.Expert);
        if ((sameExpert ?? NearestLayer(config, site, null)) is { } near)
            return $"nearest is {near}";
        var layer = Math.Clamp(site.Layer ?? 0, 0, config.Layers - 1);
        var points = Enum.GetValues<TapPoint>()
            .Where(point => Has(config, layer, point, null))
            .OrderBy(point => Math.Abs(point - site.Point))
            .Take(2)
            .Select(point => new TapSite(layer, point));
        return $"nearest are {string.Join(" and ", points)}";
    }

    private static TapSite? NearestLayer(DecoderConfig config, TapSite site, int? expert) =>
        Layers(config)
            .Where(layer => Has(config, layer, site.Point, expert))
            .OrderBy(layer => Math.Abs(layer - (site.Layer ?? 0)))
            .Select(layer => (TapSite?)new TapSite(layer, site.Point, expert))
            .FirstOrDefault();
}
