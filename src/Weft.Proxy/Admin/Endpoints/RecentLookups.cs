namespace Weft.Proxy.Admin.Endpoints;

/// <summary>
/// Whether look-ups of statistics by name are recorded. Names are looked up only when configuration is loaded, never on a
/// request, so that the list stays empty.
/// </summary>
internal sealed class RecentLookups
{
    public bool IsEnabled { get; set; }
}

/// <summary><c>/stats/recentlookups</c>.</summary>
internal sealed class RecentLookupsEndpoint(RecentLookups lookups) : AdminEndpoint("/stats/recentlookups", "Show recent stat-name lookups")
{
    public override void Handle(AdminRequest request, AdminResponse response)
    {
        response.Body.Write(lookups.IsEnabled ? "   Count Lookup\n" : "Lookup tracking is not enabled. Use /stats/recentlookups/enable to enable.\n");
        response.Body.Write("\ntotal: 0\n");
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
