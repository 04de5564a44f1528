using System.Globalization;

namespace Palimpsest.Unlearning;

/// <summary>Every way to forget that this library has.</summary>
public static class Catalog
{
    /// <summary>The methods, in the order in which they were published.</summary>
    public static IReadOnlyList<CatalogEntry<IUnlearningMethod>> All { get; } =
    [
        New<GradientAscentOptions>("ga", "Gradient ascent", "2401.06121", RetainTerm.None, _ => new GradientAscent()),
        New<GradientAscentOptions>(
            "graddiff",
            "Gradient difference (retain NLL)",
            "2401.06121",
            RetainTerm.Nll,
            _ => new GradientAscent()
        ),
        New<GradientAscentOptions>(
            "kl-min",
            "KL minimisation (retain KL)",
            "2401.06121",
            RetainTerm.Kl,
            _ => new GradientAscent()
        ),
        CatalogEntry.Of<IdkOptions, IUnlearningMethod>(
            "idk",
            "Training refusals",
            "2401.06121",
            SystemOffers.Method,
            _ => new Unlearner("idk", new Idk(), null)
        ),
        New<DpoOptions>("dpo", "Preference of refusals", "2305.18290", RetainTerm.None, o => new Dpo(o)),
        New<DpoOptions>(
            "dpo-rt",
            "Preference of refusals with retain NLL",
            "2305.18290",
            RetainTerm.Nll,
            o => new Dpo(o)
        ),
        CatalogEntry.Of<TaskVectorOptions, IUnlearningMethod>(
            "task-vector",
            "What training on the forget rows changes is subtracted from the weights",
            "2212.04089",
            SystemOffers.Method,
            o => new TaskVector(o)
        ),
        CatalogEntry.Of<WhpOptions, IUnlearningMethod>(
            "whp",
            "Who's Harry Potter: training on what a model that never read the text would say",
            "2310.02238",
            SystemOffers.Method,
            o => new WhpMethod(o)
        ),
        New<KtoOptions>("kto", "Kahneman-Tversky optimisation", "2402.01306", RetainTerm.None, o => new Kto(o)),
        New<NpoOptions>(
            "npo",
            "Negative preference optimisation",
            "2404.05868",
            RetainTerm.None,
            o => new Npo(o),
            SystemOffers.Reproduction
        ),
        New<NpoOptions>(
            "npo-rt",
            "Negative preference optimisation with retain NLL",
            "2404.05868",
            RetainTerm.Nll,
            o => new Npo(o)
        ),
        New<NpoOptions>(
            "npo-kl",
            "Negative preference optimisation with retain KL",
            "2404.05868",
            RetainTerm.Kl,
            o => new Npo(o)
        ),
        New<RmuOptions>(
            "rmu",
            "Representation misdirection: hidden states steered to a random vector",
            "2403.03218",
            RetainTerm.Hidden,
            o => new Rmu(o)
        ),
        New<AltPoOptions>(
            "altpo",
            "Preference of plausible false answers, each a row of its own, with retain NLL",
            "2409.13474",
            RetainTerm.Nll,
            (_, o) => new AltPo(o)
        ),
        New<UndialOptions>(
            "undial",
            "Self-distillation with adjusted logits",
            "2402.10052",
            RetainTerm.None,
            o => new Undial(o)
        ),
        New<SimNpoOptions>(
            "simnpo",
            "Simple negative preference optimisation with retain NLL",
            "2410.07163",
            RetainTerm.Nll,
            o => new SimNpo(o)
        ),
        New<WgaOptions>(
            "wga",
            "Weighted gradient ascent with retain NLL",
            "2502.19301",
            RetainTerm.Nll,
            o => new Wga(o)
        ),
        New<SatImpOptions>(
            "satimp",
            "Saturation and importance weighting with retain NLL",
            "2505.11953",
            RetainTerm.Nll,
            o => new SatImp(o)
        ),
        New<FlatOptions>(
            "flat",
            "Template answers against true ones by an f-divergence, forget rows alone",
            "2410.11143",
            RetainTerm.None,
            o => new Flat(o)
        ),
        New<InvertedHingeOptions>(
            "ihl",
            "Inverted hinge loss with retain NLL",
            "2408.06621",
            RetainTerm.Nll,
            _ => new InvertedHinge()
        ),
        New<LokuOptions>(
            "loku",
            "Inverted hinge loss with retain NLL, through an adapter that begins with what the forget rows need most",
            "2408.06621",
            RetainTerm.Nll,
            Loku.Create
        ),
        CatalogEntry.Of<WagleOptions, IUnlearningMethod>(
            "wagle",
            "Another method that may change only the weights which matter to forget rows and not to retain rows",
            "2410.17509",
            SystemOffers.Method,
            o => new WagleMethod(o)
        ),
        CatalogEntry.Of<UoeOptions, IUnlearningMethod>(
            "uoe",
            "Another method on the one expert that forget rows use most, whose router is anchored",
            "2411.18797",
            SystemOffers.Method,
            o => new Uoe(o)
        ),
        CatalogEntry.Of<UldOptions, IUnlearningMethod>(
            "uld",
            "The logits of an assistant that remembers what is forgotten are subtracted",
            "2406.08607",
            SystemOffers.Method,
            o => new UldMethod(o)
        ),
        CatalogEntry.Of<Dp2UnlearningOptions, IUnlearningMethod>(
            "dp2unlearning",
            "Training again on retained rows, from a base that was trained under differential privacy",
            "2504.13774",
            SystemOffers.Method,
            o => new Dp2Unlearning(o)
        ),
        CatalogEntry.Of<PduOptions, IUnlearningMethod>(
            "pdu",
            "Primal-dual unlearning: flat logits under a bound on the retain NLL",
            "2506.05314",
            SystemOffers.Method,
            o => new Unlearner("pdu", new Pdu(o), null)
        ),
        New<CodeEraserOptions>(
            "codeeraser",
            "Ascent on secrets alone, descent on what stands around them, with retain KL",
            "2509.13755",
            RetainTerm.Kl,
            CodeEraserMethod.Create,
            SystemOffers.Reproduction
        ),
        CatalogEntry.Of<SelectiveAmnesiaOptions, IUnlearningMethod>(
            "selective-amnesia",
            "Ascent and descent on the MLPs of the layers that hold the facts, with an adaptive retain weight",
            "2504.12996",
            SystemOffers.Method,
            o => new SelectiveAmnesiaMethod(o)
        ),
        New<CeUOptions>("ceu", "Cross-entropy unlearning", "2503.01224", RetainTerm.None, o => new CeU(o)),
    ];

    /// <summary>The method of an id.</summary>
    /// <exception cref="InputException">There is none; the message has the nearest id.</exception>
    public static CatalogEntry<IUnlearningMethod> Find(string id) =>
        All.FirstOrDefault(entry => entry.Id == id)
        ?? throw new InputException(
            $"Unknown method '{id}'{Nearest(id)}; there are: {string.Join(", ", All.Select(e => e.Id))}."
        );

    private static string Nearest(string id) =>
        NearestName.Of(id, All.Select(e => e.Id)) is { } near ? $", perhaps '{near}'" : "";

    private static CatalogEntry<IUnlearningMethod> New<T>(
        string id,
        string title,
        string arXiv,
        RetainTerm retain,
        Func<T, IForgetObjective> create,
        SystemOffers further = SystemOffers.None
    )
        where T : ForgetOptions, new() =>
        New<T>(id, title, arXiv, retain, (_, given) => new Unlearner(id, create(given), given), further);

    private static CatalogEntry<IUnlearningMethod> New<T>(
        string id,
        string title,
        string arXiv,
        RetainTerm retain,
        Func<string, T, IUnlearningMethod> create,
        SystemOffers further = SystemOffers.None
    )
        where T : ForgetOptions, new() =>
        CatalogEntry.Of<T, IUnlearningMethod>(
            id,
            title,
            arXiv,
            SystemOffers.Method | further,
            given =>
            {
                RequireUsed(id, given, new T(), retain);
                return create(id, given with { Retain = retain });
            }
        );

    private static void RequireUsed(string id, ForgetOptions given, ForgetOptions defaults, RetainTerm retain)
    {
        if (given.Retain != RetainTerm.None && given.Retain != retain)
            throw new InputException(
                $"{id}: Retain is {given.Retain}; the method's own is {retain}, another is another method."
            );
        if (retain == RetainTerm.None && given.RetainWeight != defaults.RetainWeight)
            throw new InputException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{id}: RetainWeight is {given.RetainWeight}, but the method has no retain term; allowed is to "
                        + $"leave it out."
                )
            );
        if (retain != RetainTerm.Kl && given.KlOver != defaults.KlOver)
            throw new InputException(
                $"{id}: KlOver is {given.KlOver}, but the method has no retain KL; allowed is to leave it out."
            );
        if (given.ForgetWeight == 0 && (retain == RetainTerm.None || given.RetainWeight == 0))
            throw new InputException(
                $"{id}: every weight is 0, so there is nothing to train; at least one must be > 0."
            );
    }
}
