namespace Palimpsest.Models;

/// <summary>A scored model whose weights can be seen and changed.</summary>
public interface IWeightModel : IScoredModel
{
    /// <summary>The decoder itself.</summary>
    CausalLM Decoder { get; }

    /// <summary>The same tokenizer and conventions over another decoder, which the result owns.</summary>
    /// <param name="decoder">A decoder with as many ids.</param>
    /// <param name="name">The new model's name.</param>
    IWeightModel WithDecoder(CausalLM decoder, string name);
}
