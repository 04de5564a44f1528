using TorchSharp.Modules;

namespace Palimpsest.Models;

public sealed partial class CausalLM
{
    private Dictionary<Parameter, bool> _trainedBefore = new(ReferenceEqualityComparer.Instance);
    private int _freezes;

    /// <summary>Freezes every parameter until the result is disposed, as adapters do with their base; of several, the
    /// last to be disposed gives each parameter the <c>requires_grad</c> that the first found.</summary>
    /// <remarks>A parameter that was made trainable in between stays so.</remarks>
    internal IDisposable FreezeBase()
    {
        if (_freezes++ == 0)
            _trainedBefore = parameters()
                .ToDictionary(
                    parameter => parameter,
                    parameter => parameter.requires_grad,
                    (IEqualityComparer<Parameter>)ReferenceEqualityComparer.Instance
                );
        foreach (var parameter in parameters())
            parameter.requires_grad_(false);
        return new Freeze(this);
    }

    private bool TrainsWithoutAdapters(Parameter parameter) =>
        _trainedBefore.GetValueOrDefault(parameter, parameter.requires_grad);

    private void EndFreeze()
    {
        if (--_freezes > 0)
            return;
        if (!_isDisposed)
        {
            foreach (var parameter in parameters())
            {
                if (_trainedBefore.GetValueOrDefault(parameter))
                    parameter.requires_grad_(true);
            }
        }

        _trainedBefore.Clear();
    }

    private sealed class Freeze(CausalLM model) : IDisposable
    {
        private CausalLM? _model = model;

        public void Dispose()
        {
            _model?.EndFreeze();
            _model = null;
        }
    }
}
