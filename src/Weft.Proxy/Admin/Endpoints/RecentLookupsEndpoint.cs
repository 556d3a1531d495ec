using System.Globalization;
using Weft.Base.Stats;

namespace Weft.Proxy.Admin.Endpoints;

/// <summary><c>/stats/recentlookups</c>: how often statistics were looked up by name; the names too while they are recorded.</summary>
internal sealed class RecentLookupsEndpoint(StatLookups lookups) : AdminEndpoint("/stats/recentlookups", "Show recent stat-name lookups")
{
    public override void Handle(AdminRequest request, AdminResponse response)
    {
        response.Body.Write(lookups.IsRecording ? "   Count Lookup\n" : "Lookup tracking is not enabled. Use /stats/recentlookups/enable to enable.\n");
        foreach (var (name, count) in lookups.Names)
            response.Body.Write(string.Create(CultureInfo.InvariantCulture, $"{count,8} {name}\n"));
        response.Body.Write(string.Create(CultureInfo.InvariantCulture, $"\ntotal: {lookups.Total}\n"));
    }
}

/// <summary><c>/stats/recentlookups/clear</c>, <c>/disable</c>, <c>/enable</c>.</summary>
internal sealed class RecentLookupsSwitchEndpoint : AdminEndpoint
{
    private readonly Action _action;

    public RecentLookupsSwitchEndpoint(string name, string help, Action action)
        : base("/stats/recentlookups/" + name, help)
    {
        _action = action;
        Mutates = true;
    }

    public override void Handle(AdminRequest request, AdminResponse response)
    {
        _action();
        response.Body.Write("OK\n");
    }
}
