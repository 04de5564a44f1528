using System.Globalization;

namespace Palimpsest.Models;

/// <summary>A router sends each token through its K best experts; only those are computed.</summary>
internal sealed class MixtureOfExperts : nn.Module
{
    private readonly ExpertConfig _config;
    private readonly int _layer;
    private readonly ProjectionSlot _router;
    private readonly FeedForward[] _experts;
    private readonly FeedForward? _shared;
    private readonly ProjectionSlot? _sharedGate;

    public MixtureOfExperts(WeightBuilder weights, DecoderConfig config, int layer)
        : base("experts")
    {
        (_config, _layer) = (config.Experts!, layer);
        var names = weights.Names;
        var place = new WeightBuilder.Place(layer, ModelComponent.Mlp);
        var routing = place with { Component = ModelComponent.Router };
        _router = weights.Linear(
            "router",
            [(weights.Path(layer, names.Router), _config.Count)],
            config.HiddenSize,
            false,
            routing
        );
        _router.RegisterIn(this);
        _experts = new FeedForward[_config.Count];
        for (var e = 0; e < _experts.Length; e++)
        {
            var prefix = weights.Path(layer, string.Format(CultureInfo.InvariantCulture, names.Expert, e));
            _experts[e] = new(
                weights,
                config,
                _config.IntermediateSize,
                [.. names.ExpertUp.Select(up => prefix + up)],
                prefix + names.ExpertDown,
                place with
                {
                    Expert = e,
                }
            );
            register_module($"expert_{e}", _experts[e]);
        }

        if (_config.SharedIntermediateSize == 0)
            return;
        var shared = weights.Path(layer, names.SharedExpert);
        _shared = new(
            weights,
            config,
            _config.SharedIntermediateSize,
            [.. names.ExpertUp.Select(up => shared + up)],
            shared + names.ExpertDown,
            place
        );
        _sharedGate = weights.Linear(
            "shared_gate",
            [(weights.Path(layer, names.SharedExpertGate), 1)],
            config.HiddenSize,
            false,
            routing
        );
        register_module("shared", _shared);
        _sharedGate.RegisterIn(this);
    }

    /// <summary>x [B, T, D] → [B, T, D].</summary>
    public Tensor Forward(Tensor x, ForwardState state)
    {
        var flat = x.flatten(0, 1); // [N, D]
        var place = new PassPlace(state, _layer) { IsFlat = true };
        var logits = TapLogits(_router.Forward(flat, new(place)), state); // [N, E]
        var probabilities = logits.softmax(-1, ScalarType.Float32);
        var (chosen, experts) = probabilities.topk(_config.PerToken, -1); // [N, K]
        if (_config.NormalizeChosen)
            chosen = chosen / chosen.sum(-1, keepdim: true);
        var mixed = Mix(flat, chosen, experts, place);
        if (_shared is not null)
        {
            var shared = place with { Expert = TapSite.SharedExpert };
            var output = shared.Tap(_shared.Forward(flat, shared), TapPoint.ExpertOutput);
            mixed = mixed + _sharedGate!.Forward(flat, new(place)).sigmoid() * output;
        }

        state.Routers.Add(new(_layer, Shape(logits, state), Shape(probabilities, state), Shape(experts, state)));
        return mixed.view_as(x);
    }

    private static Tensor Shape(Tensor flat, ForwardState state) => flat.view(state.Batch, state.Tokens, -1);

    private Tensor TapLogits(Tensor logits, ForwardState state)
    {
        if (!state.IsTapped(_layer, TapPoint.RouterLogits))
            return logits;
        var shaped = Shape(logits, state);
        var result = state.Tap(shaped, _layer, TapPoint.RouterLogits);
        return ReferenceEquals(result, shaped) ? logits : result.reshape(logits.shape);
    }

    private Tensor Mix(Tensor flat, Tensor chosen, Tensor experts, PassPlace place)
    {
        var visits = Visits(experts);
        var weights = chosen.reshape(-1);
        var mixed = zeros_like(flat);
        for (var e = 0; e < visits.Length; e++)
        {
            if (visits[e].Count == 0)
                continue;
            var slots = tensor(visits[e], device: flat.device); // indices into [N · K]
            var tokens = slots.div(_config.PerToken, RoundingMode.floor);
            var visit = place with { Expert = e, Tokens = tokens };
            var own = visit.Tap(_experts[e].Forward(flat.index_select(0, tokens), visit), TapPoint.ExpertOutput);
            var output = own * weights.index_select(0, slots).unsqueeze(1);
            mixed = mixed.index_add(0, tokens, output, 1);
        }

        return mixed;
    }

    private List<long>[] Visits(Tensor experts)
    {
        var visits = new List<long>[_config.Count];
        for (var e = 0; e < visits.Length; e++)
            visits[e] = [];
        using var onCpu = experts.cpu();
        var choices = onCpu.data<long>();
        for (long slot = 0; slot < choices.Count; slot++)
            visits[choices[slot]].Add(slot);
        return visits;
    }
}
