namespace Palimpsest.Models;

public sealed partial class CausalLM
{
    /// <summary>The final norm of hidden states between blocks [..., D]: what <see cref="HeadLogits"/> reads if the
    /// blocks after them are left out (the logit lens).</summary>
    public Tensor LensHidden(Tensor hidden) => _finalNorm.forward(hidden);
}
