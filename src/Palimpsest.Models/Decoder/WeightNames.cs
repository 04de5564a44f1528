namespace Palimpsest.Models;

/// <summary>How a family's checkpoints name their modules; the defaults are Llama's.</summary>
/// <remarks>Names of a block's modules follow <see cref="Block"/>; a name that a family does not use is never
/// read.</remarks>
public sealed record WeightNames
{
    /// <summary>What the names of everything but the head begin with; checkpoints of the bare model lack it.</summary>
    public string Base { get; init; } = "model.";

    /// <summary>A block; {0} is the layer.</summary>
    public string Block { get; init; } = "model.layers.{0}.";

    /// <summary>Token embedding.</summary>
    public string Embedding { get; init; } = "model.embed_tokens";

    /// <summary>Position embedding.</summary>
    public string Positions { get; init; } = "";

    /// <summary>Norm after the last block.</summary>
    public string FinalNorm { get; init; } = "model.norm";

    /// <summary>Head.</summary>
    public string Head { get; init; } = "lm_head";

    /// <summary>One module, or three for query, key and value.</summary>
    public IReadOnlyList<string> QueryKeyValue { get; init; } =
    ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"];

    /// <summary>Output projection of the attention.</summary>
    public string AttentionOutput { get; init; } = "self_attn.o_proj";

    /// <summary>Norm of the queries.</summary>
    public string QueryNorm { get; init; } = "self_attn.q_norm";

    /// <summary>Norm of the keys.</summary>
    public string KeyNorm { get; init; } = "self_attn.k_norm";

    /// <summary>Norm of the attention's input.</summary>
    public string BeforeAttention { get; init; } = "input_layernorm";

    /// <summary>Norm of the attention's output.</summary>
    public string AfterAttention { get; init; } = "post_attention_layernorm";

    /// <summary>Norm of the MLP's input.</summary>
    public string BeforeMlp { get; init; } = "post_attention_layernorm";

    /// <summary>Norm of the MLP's output.</summary>
    public string AfterMlp { get; init; } = "post_feedforward_layernorm";

    /// <summary>One module, or two for gate and up.</summary>
    public IReadOnlyList<string> Up { get; init; } = ["mlp.gate_proj", "mlp.up_proj"];

    /// <summary>Down projection of the MLP.</summary>
    public string Down { get; init; } = "mlp.down_proj";

    /// <summary>Router of a mixture-of-experts layer.</summary>
    public string Router { get; init; } = "mlp.gate";

    /// <summary>An expert; {0} is its number.</summary>
    public string Expert { get; init; } = "mlp.experts.{0}.";

    /// <summary>Gate and up of an expert.</summary>
    public IReadOnlyList<string> ExpertUp { get; init; } = ["gate_proj", "up_proj"];

    /// <summary>Down projection of an expert.</summary>
    public string ExpertDown { get; init; } = "down_proj";

    /// <summary>The expert that every token visits.</summary>
    public string SharedExpert { get; init; } = "mlp.shared_expert.";

    /// <summary>Gate of the shared expert.</summary>
    public string SharedExpertGate { get; init; } = "mlp.shared_expert_gate";

    /// <summary>True when a block's matrices are stored as [In, Out].</summary>
    public bool Transposed { get; init; }

    /// <summary>Endings of buffers in old checkpoints that hold nothing learnt.</summary>
    public IReadOnlyList<string> Buffers { get; init; } =
    ["rotary_emb.inv_freq", "attn.bias", "attn.masked_bias", "attention.bias", "attention.masked_bias"];
}
