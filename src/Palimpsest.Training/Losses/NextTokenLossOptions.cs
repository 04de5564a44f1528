namespace Palimpsest.Training;

/// <summary>Settings of <see cref="NextTokenLoss"/>.</summary>
public sealed record NextTokenLossOptions
{
    /// <summary>Weight of the experts' load-balancing loss, for models with experts; their config.json suggests one as
    /// router_aux_loss_coef. 0 leaves it out.</summary>
    public double ExpertBalance
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1000);
    }
}
