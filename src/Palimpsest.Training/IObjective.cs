namespace Palimpsest.Training;

/// <summary>A scalar loss of a decoder from named batches.</summary>
public interface IObjective : IObjective<CausalLM>;
