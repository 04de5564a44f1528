namespace Palimpsest.Foundation;

/// <summary>What a deletion request says about a fact.</summary>
public enum FactScope
{
    /// <summary>To be forgotten.</summary>
    Forget,

    /// <summary>To be kept.</summary>
    Retain,

    /// <summary>Unrelated to the request: a control.</summary>
    Irrelevant,
}
