namespace Palimpsest.Models;

/// <summary>Where a tap is being called.</summary>
public readonly struct TapContext
{
    private readonly PassPlace _place;

    internal TapContext(PassPlace place, TapPoint point) => (_place, Point) = (place, point);

    /// <summary>Zero-based layer.</summary>
    public int Layer => _place.Layer;

    /// <summary>The named point.</summary>
    public TapPoint Point { get; }

    /// <summary>Inside an expert, which one (<see cref="TapSite.SharedExpert"/> for the shared one); else
    /// null.</summary>
    public int? Expert => _place.Expert;

    /// <summary>The pass as a whole.</summary>
    public PassContext Pass => _place.State!.Pass;

    /// <summary>Whether the pass reads a prompt or one more token.</summary>
    public KvPhase Phase => Pass.Phase;

    /// <summary>Position of each token of the activation int64: [B, T], inside experts [N]. The caller's scope disposes
    /// it.</summary>
    public Tensor Positions() => _place.OfTokens(Pass.Positions);

    /// <summary>Batch row of each token of the activation int64: [B, T], inside experts [N]. The caller's scope
    /// disposes it.</summary>
    public Tensor Rows() => _place.OfTokens(Pass.Rows);
}
