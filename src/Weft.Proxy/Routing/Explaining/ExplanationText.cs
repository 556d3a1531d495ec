using Weft.Proxy.Listeners;
using Weft.Proxy.NetworkFilters.HttpConnectionManager;
using Weft.Proxy.XdsClient.Scopes;

namespace Weft.Proxy.Routing.Explaining;

/// <summary>Says in text which way a request would take through the connection managers of a proxy, and why.</summary>
internal static class ExplanationText
{
    /// <summary>The connection managers of listeners, with the listener's name.</summary>
    /// <param name="listener">Only of this one; null: of all.</param>
    public static IEnumerable<(string Listener, HttpConnectionManagerConfig Manager)> Managers(IEnumerable<Listener> listeners, string? listener)
        => from one in listeners
           where listener is null || one.Config.Name == listener
           from chain in one.Config.FilterChains.All
           from filter in chain.Filters.OfType<HttpConnectionManagerFactory>()
           where filter.Config.Routes is not null || filter.Config.RouteSource is ScopedRoutes
           select (one.Config.Name, filter.Config);

    /// <summary>Explains a request to one connection manager; true when it finds a route.</summary>
    /// <param name="clusterExists">Whether there is a cluster of that name.</param>
    public static bool Write(ExplainedRequest request, string listener, HttpConnectionManagerConfig manager, Func<string, bool> clusterExists, TextWriter output)
    {
        output.WriteLine($"{request}");
        output.WriteLine($"listener {listener}, stat_prefix {manager.Source.StatPrefix}, {(manager.Routes is { } only ? $"route table '{only.Name}'" : "scoped routes")}");
        if (request.ApplyRules(manager) is { } refusal)
        {
            output.WriteLine($"  {refusal}");
            return false;
        }

        if (manager.RouteSource.For(request.Headers) is not { } table)
        {
            output.WriteLine("  in no scope, or in one whose routes have not come: 404 (NR)");
            return false;
        }

        var runtime = manager.Runtime.Current;
        var explanation = table.Explain(new RouteRequest(request.Headers, request.Info, runtime));
        if (explanation.VirtualHost is not { } host)
        {
            output.WriteLine($"  no virtual host has a domain for '{explanation.Host}': 404 (NR)");
            foreach (var other in table.Source.VirtualHosts)
                output.WriteLine($"    no   virtual host {other.Name} (domains: {string.Join(", ", other.Domains)})");
            return false;
        }

        output.WriteLine($"  virtual host {host.Name} (domains: {string.Join(", ", host.Domains)}) for '{explanation.Host}'");
        foreach (var step in explanation.Trail)
            output.WriteLine($"    matcher: {step}");
        foreach (var tried in explanation.Tried)
            output.WriteLine($"    {(tried.Mismatch is null ? "yes" : "no ")}  {tried.Origin}{(tried.Mismatch is null ? "" : $": {tried.Mismatch}")}");
        if (explanation.IsTlsRedirect) output.WriteLine("    require_tls: this request is not over TLS");
        if (explanation.Route is not { } route)
        {
            output.WriteLine("  no route matches: 404 (NR)");
            return false;
        }

        var outcome = RouteOutcome.Of(route, request, runtime);
        WriteOutcome(outcome, explanation, request, clusterExists, output);
        foreach (var line in RouteDetails.Of(outcome, request, manager))
            output.WriteLine($"    {line}");
        return true;
    }

    private static void WriteOutcome(RouteOutcome outcome, RouteExplanation explanation, ExplainedRequest request, Func<string, bool> clusterExists, TextWriter output)
    {
        output.WriteLine($"  {outcome.Action()}{(outcome.Cluster is { } name && !clusterExists(name) ? $", which does not exist: {outcome.Route.Forward!.ClusterNotFoundStatus} (NC)" : "")}");
        if (explanation.Tried is [.., { Target: var target }] && target.Variants.ToList() is { Count: > 1 } variants)
            output.WriteLine($"    one of {string.Join(", ", variants.Select(static variant => $"{variant.Route.Forward?.Cluster?.Name ?? "cluster_header"} ({variant.Weight})"))}, by the random value {request.Info.RandomValue}");
        foreach (var change in HeaderChanges.Between(request.Headers, outcome.Request))
            output.WriteLine($"    request  {change}");
        foreach (var change in HeaderChanges.Between(new Http.HeaderMap(), outcome.Response))
            output.WriteLine($"    response {change}");
    }
}
