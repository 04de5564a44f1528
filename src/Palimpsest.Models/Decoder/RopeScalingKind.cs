namespace Palimpsest.Models;

/// <summary>How rotary frequencies are changed for sequences longer than those of pre-training.</summary>
public enum RopeScalingKind
{
    /// <summary>All frequencies divided by the factor.</summary>
    Linear,

    /// <summary>The base grows with the length once it exceeds the positions (NTK).</summary>
    Dynamic,

    /// <summary>Low frequencies divided, high ones kept, smooth between.</summary>
    Llama3,

    /// <summary>Interpolation by rotations per context, with scaled attention. Peng et al. 2023,
    /// arXiv:2309.00071.</summary>
    Yarn,

    /// <summary>One factor per frequency, another set for long sequences. Ding et al. 2024, arXiv:2402.13753.</summary>
    LongRope,
}
