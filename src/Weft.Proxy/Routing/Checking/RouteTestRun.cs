using System.Text;
using Envoy.Config.Bootstrap.V3;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.Routing.Explaining;
using Weft.Proxy.Runtime;
using HeaderMatcher = Weft.Proxy.Routing.Matching.HeaderMatcher;
using HeaderMatcherMessage = Envoy.Config.Route.V3.HeaderMatcher;

namespace Weft.Proxy.Routing.Checking;

/// <summary>Runs the cases of a test file against a route table.</summary>
internal sealed class RouteTestRun(RouteTable table) : IDisposable
{
    private readonly RuntimeLayers _runtime = new(new LayeredRuntime(), new ConfigContext(), new StatsStore().Scope(""));

    private static readonly HashSet<string> s_inputs = new(StringComparer.Ordinal)
    {
        "authority", "path", "method", "random_value", "ssl", "internal", "additional_request_headers", "additional_response_headers", "dynamic_metadata", "runtime",
    };

    private static readonly HashSet<string> s_expected = new(StringComparer.Ordinal)
    {
        "cluster_name", "virtual_cluster_name", "virtual_host_name", "host_rewrite", "path_rewrite", "path_redirect", "code_redirect", "request_header_matches", "response_header_matches",
        "request_header_fields", "response_header_fields",
    };

    public void Dispose() => _runtime.Dispose();

    /// <summary>What is wrong with a case, a line each; empty when it passes.</summary>
    public IReadOnlyList<string> Run(RouteTestCase test)
    {
        var request = ExplainedRequest.Create(test.Method, test.IsTls ? "https" : "http", test.Authority, test.Path, test.RequestHeaders, test.RandomValue);
        test.SetMetadata(request.Info.DynamicMetadata);
        if (test.IsInternal) request.Headers.Set(KnownHeader.XEnvoyInternal, "true"u8);
        var runtime = RuntimeOf(test);
        var explanation = table.Explain(new RouteRequest(request.Headers, request.Info, runtime));
        var outcome = explanation.Route is { } route ? RouteOutcome.Of(route, request, runtime) : null;
        var failures = new List<string>();
        foreach (var field in test.Unknown(s_inputs, s_expected)) failures.Add($"{field} is not known");
        Compare("cluster_name", outcome?.Cluster ?? "");
        Compare("virtual_cluster_name", outcome?.Route is { Forward: not null } taken ? taken.VirtualHost.VirtualClusterOf(request.Headers)?.Name ?? "" : "");
        Compare("virtual_host_name", outcome?.Route.VirtualHost.Name ?? "");
        Compare("host_rewrite", Pseudo(KnownHeader.Authority));
        Compare("path_rewrite", Pseudo(KnownHeader.Path));
        Compare("path_redirect", outcome?.Location ?? "");
        Compare("code_redirect", outcome is null ? "" : $"{outcome.Route.Redirect?.Status ?? outcome.Route.DirectResponse?.Status}");
        Match("request", test.RequestMatches, outcome?.Request ?? request.Headers, failures);
        Match("response", test.ResponseMatches, Response(outcome, test), failures);
        if (failures.Count > 0) failures.AddRange(Tried(explanation));
        return failures;

        void Compare(string field, string actual)
        {
            if (test.Expected(field) is { } expected && expected != actual) failures.Add($"{field}: expected '{expected}', is '{actual}'");
        }

        string Pseudo(KnownHeader name) => outcome?.Route.Forward is null ? "" : Encoding.UTF8.GetString(outcome.Request.Get(name));
    }

    /// <summary>As in Envoy's tool: of all fractions with a key, only that of the test's key may be drawn.</summary>
    private RuntimeSnapshot RuntimeOf(RouteTestCase test)
    {
        var keys = table.Source.VirtualHosts.SelectMany(static host => host.Routes)
            .Select(static route => route.Match?.RuntimeFraction?.RuntimeKey ?? "")
            .Where(static key => key.Length > 0)
            .Distinct(StringComparer.Ordinal);
        _runtime.Modify(keys.Select(key => KeyValuePair.Create(key, key == test.Runtime ? "" : "0")));
        return _runtime.Current;
    }

    private static HeaderMap Response(RouteOutcome? outcome, RouteTestCase test)
    {
        var headers = outcome?.Response ?? new HeaderMap();
        if (outcome?.Route.DirectResponse is { } direct) headers.Set(KnownHeader.Status, direct.Status);
        foreach (var (name, value) in test.ResponseHeaders) headers.Add(new HeaderName(name), Encoding.UTF8.GetBytes(value));
        return headers;
    }

    private static void Match(string what, IEnumerable<HeaderMatcherMessage> matchers, HeaderMap headers, List<string> failures)
    {
        foreach (var matcher in matchers)
        {
            if (!HeaderMatcher.AllMatch(HeaderMatcher.Create([matcher], new ConfigContext()), headers))
                failures.Add($"{what} header {matcher} does not match '{Encoding.UTF8.GetString(headers.Get(new HeaderName(matcher.Name)))}'");
        }
    }

    private static IEnumerable<string> Tried(RouteExplanation explanation)
    {
        if (explanation.VirtualHost is null) yield return $"  no virtual host has a domain for '{explanation.Host}'";
        foreach (var tried in explanation.Tried) yield return $"  {tried.Origin}: {tried.Mismatch ?? "matches"}";
    }
}
