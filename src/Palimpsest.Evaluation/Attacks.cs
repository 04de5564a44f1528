namespace Palimpsest.Evaluation;

/// <summary>The attacks that run alone and as tests of an audit.</summary>
public static class Attacks
{
    /// <summary>Every one of them but Sleek, which has a command of its own.</summary>
    public static IReadOnlyList<CatalogEntry<Attack>> All { get; } =
    [
        New<PromptWrapperOptions>(
            "wrappers",
            "Roles, affirmative beginnings and other wrappers",
            "2406.10890",
            new(
                ModelAccess.Replies,
                "6 replies a fact and model",
                "A model that says in a role or form what it does not say when asked was taught to refuse."
            ),
            (options, _) => new PromptAttackTest(new PromptWrappers(options))
        ),
        New<ManyShotOptions>(
            "many-shot",
            "Many answered questions before the forgotten one",
            "2402.16835",
            new(
                ModelAccess.Replies,
                "1 reply of a long prompt a fact and model",
                "A model that answers after many answers only lost the habit of answering."
            ),
            (options, _) => new PromptAttackTest(new ManyShot(options))
        ),
        New<ReintroductionOptions>(
            "reintroduce",
            "Other forgotten facts are told in the prompt",
            "2407.00106",
            new(
                ModelAccess.Replies,
                "1 reply of a long prompt a fact and model",
                "What comes back with its surroundings was silenced and not removed."
            ),
            (options, _) => new PromptAttackTest(new Reintroduction(options))
        ),
        New<NoAttackOptions>(
            "extract",
            "Extraction by the answer's beginning",
            "2202.07646",
            new(
                ModelAccess.Probabilities,
                "1 pass a fact and model",
                "The likeliest next tokens after the answer's beginning write the fact: the text is still there."
            ),
            (_, _) => new PrefixExtractionTest()
        ),
        New<MembershipAttackOptions>(
            "membership",
            "Membership inference by six scores",
            "2310.16789",
            new(
                ModelAccess.Probabilities,
                "1 pass a row and model; with the gradient norm 4",
                "Forgotten rows still look like training data beside rows that no model saw.",
                AttackNeeds.Rows
            ),
            (options, _) => new MembershipTest(options)
        ),
        New<NoAttackOptions>(
            "relearn",
            "Relearning of other facts",
            "2410.08827",
            new(
                ModelAccess.Weights,
                "30 training steps a model",
                "Facts that nobody taught again come back with others that somebody did: they were never removed.",
                AttackNeeds.Teaching
            ),
            (_, material) =>
            {
                var split = RelearnSplit.Of(material.Facts);
                return new RelearningTest(split, material.Teaching(split));
            }
        ),
        New<GcgOptions>(
            "gcg",
            "Greedy coordinate gradient search for a suffix",
            "2307.15043",
            new(
                ModelAccess.Weights,
                "some 1300 passes a model, and 40 backward",
                "A suffix that was sought on other facts brings these back: they are there and only kept quiet."
            ),
            (options, material) => new SuffixSearchTest(RelearnSplit.Of(material.Facts), options)
        ),
        New<QuantisationAttackOptions>(
            "quantise",
            "Rounding of the weights",
            "2410.16454",
            new(
                ModelAccess.Weights,
                "1 pass a candidate answer and model",
                "Rounding brings the facts back: the weights were moved by less than a step.",
                AttackNeeds.Rounding
            ),
            (options, material) => new QuantisationTest(options.Bits, material.Rounding(options.Bits))
        ),
        New<NoAttackOptions>(
            "logit-lens",
            "The head reads blocks in the middle",
            "2303.08112",
            new(
                ModelAccess.Weights,
                "2 passes a candidate answer and model",
                "A block in the middle has the answer that the last one hides."
            ),
            (_, _) => new LogitLensTest()
        ),
        New<NoAttackOptions>(
            "linear-probe",
            "A linear probe of hidden states",
            "1610.01644",
            new(
                ModelAccess.Weights,
                "1 pass a fact and model, and a small fit a block",
                "Hidden states tell the values of people that the probe never saw."
            ),
            (_, _) => new LinearProbeTest()
        ),
        New<NoAttackOptions>(
            "patching",
            "The candidate's states in the original",
            "2309.16042",
            new(
                ModelAccess.Weights,
                "1 pass a fact, block and model",
                "The original answers from the candidate's hidden states: they still carry the facts."
            ),
            (_, _) => new ActivationPatchingTest()
        ),
    ];

    private static CatalogEntry<Attack> New<TOptions>(
        string id,
        string title,
        string arXiv,
        Profile profile,
        Func<TOptions, AttackMaterial, IAuditTest> create
    )
        where TOptions : class, new() =>
        CatalogEntry.Of<TOptions, Attack>(
            id,
            title,
            arXiv,
            SystemOffers.Attack,
            options =>
                new(profile.Access, profile.Cost, profile.Shows, material => create(options, material))
                {
                    Needs = profile.Needs,
                }
        );

    private sealed record Profile(ModelAccess Access, string Cost, string Shows, AttackNeeds Needs = AttackNeeds.None);
}
