namespace Palimpsest.Unlearning;

/// <summary>Names the weights that an unlearning run may change.</summary>
public interface IParameterSelector
{
    /// <summary>The choice in words; part of a checkpoint's identity.</summary>
    string Description { get; }

    /// <summary>The weights of a model that may change.</summary>
    /// <exception cref="InputException">The choice fits no weight.</exception>
    IReadOnlyList<ParameterRef> Select(CausalLM model);
}
