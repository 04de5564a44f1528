using Palimpsest.Inference;

namespace Palimpsest.Cli.Verbs;

/// <summary>A policy for caches, explained.</summary>
/// <param name="Id">What users type.</param>
/// <param name="Title">Its name in words.</param>
/// <param name="ArXiv">The paper's arXiv number.</param>
/// <param name="Decides">What it decides; policies are joined in this order.</param>
/// <param name="Acts">When it acts.</param>
/// <param name="Summary">What it does.</param>
/// <param name="Settings">What its brackets take.</param>
internal sealed record KvLine(
    string Id,
    string Title,
    string ArXiv,
    string Decides,
    string Acts,
    string Summary,
    IReadOnlyList<KvSetting> Settings
)
{
    /// <summary>A catalogue line explained.</summary>
    public static KvLine Of(CatalogEntry<IKvPolicy> entry)
    {
        var policy = entry.CreateDefault();
        var defaults = Activator.CreateInstance(entry.OptionsType)!;
        return new(
            entry.Id,
            entry.Title,
            entry.ArXiv,
            ComposedKvPolicy.WhatIsDecided(policy.Stage),
            policy.ActsAtSteps ? "after prompts and after every token" : "after prompts",
            XmlSummary.Of(policy.GetType()),
            [
                .. entry
                    .OptionsType.GetProperties()
                    .Where(property => property.CanWrite)
                    .Select(property => new KvSetting(
                        OptionBinder.Kebab(property.Name),
                        OptionBinder.Text(property.GetValue(defaults)) ?? "none",
                        XmlSummary.Of(property)
                    )),
            ]
        );
    }
}
