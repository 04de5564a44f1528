namespace Palimpsest.Models;

/// <summary>Where a delta is being applied.</summary>
public readonly struct DeltaContext
{
    private readonly PassPlace _place;

    internal DeltaContext(PassPlace place) => _place = place;

    /// <summary>The pass; null where the projection is used outside of one, as the head is on hidden states.</summary>
    public PassContext? Pass => _place.State?.Pass;

    /// <summary>Tokens of each row in the pass; null outside of one.</summary>
    internal int? Tokens => _place.State?.Tokens;

    /// <summary>Whether experts are being chosen, which small errors would change.</summary>
    internal bool ChoosesExperts => _place is { IsFlat: true, Expert: null };

    /// <summary>Zero-based layer.</summary>
    public int Layer => _place.Layer;

    /// <summary>Inside an expert, which one (<see cref="TapSite.SharedExpert"/> for the shared one); else
    /// null.</summary>
    public int? Expert => _place.Expert;

    /// <summary>Position of each token of the input int64: [B, T], inside experts [N]; null outside of a pass. The
    /// caller's scope disposes it.</summary>
    public Tensor? Positions() => Pass is { } pass ? _place.OfTokens(pass.Positions) : null;

    /// <summary>Batch row of each token of the input int64: [B, T], inside experts [N]; null outside of a pass. The
    /// caller's scope disposes it.</summary>
    public Tensor? Rows() => Pass is { } pass ? _place.OfTokens(pass.Rows) : null;
}
