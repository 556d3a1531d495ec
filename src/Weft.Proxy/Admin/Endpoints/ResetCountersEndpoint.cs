using Weft.Base.Stats;

namespace Weft.Proxy.Admin.Endpoints;

/// <summary><c>/reset_counters</c>: starts every counter again at 0.</summary>
internal sealed class ResetCountersEndpoint : AdminEndpoint
{
    private readonly StatsStore _stats;

    public ResetCountersEndpoint(StatsStore stats)
        : base("/reset_counters", "reset all counters to zero")
    {
        _stats = stats;
        Mutates = true;
    }

    public override void Handle(AdminRequest request, AdminResponse response)
    {
        _stats.ResetCounters();
        response.Body.Write("OK\n");
    }
}
