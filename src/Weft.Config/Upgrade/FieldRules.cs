using Weft.Config.Syntax;

namespace Weft.Config.Upgrade;

/// <summary>
/// What takes the place of a field of the v2 API. Gets the old entry and the mapping it stands in; gives the new entries (none: the field
/// has no meaning any more), or null when this one cannot be said in v3, which leaves it to be reported as unknown.
/// </summary>
internal delegate IEnumerable<MappingEntry>? FieldRule(MappingEntry old, MappingNode mapping);

/// <summary>The fields that the v3 API removed or renamed, by message (its v3 name) and field. Values that changed their name are here too.</summary>
internal static class FieldRules
{
    private const string Bootstrap = "envoy.config.bootstrap.v3.Bootstrap";
    private const string Cluster = "envoy.config.cluster.v3.Cluster";
    private const string Core = "envoy.config.core.v3.";
    private const string Listener = "envoy.config.listener.v3.";
    private const string Manager = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
    private const string Route = "envoy.config.route.v3.";
    private const string Tls = "envoy.extensions.transport_sockets.tls.v3.";

    private static readonly Dictionary<(string Message, string Field), FieldRule> Rules = new()
    {
        [(Bootstrap, "runtime")] = BootstrapRules.Runtime,
        [(Cluster, "hosts")] = ClusterRules.Hosts,
        [(Cluster, "tls_context")] = (old, _) => TransportSocket(old, "UpstreamTlsContext"),
        [(Cluster, "lb_policy")] = (old, _) => Value(old, "ORIGINAL_DST_LB", "CLUSTER_PROVIDED"),
        [(Core + "ApiConfigSource", "transport_api_version")] = (old, _) => Value(old, "V2", "V3"),
        [(Core + "ConfigSource", "resource_api_version")] = (old, _) => Value(old, "V2", "V3"),
        [(Core + "HealthCheck.HttpHealthCheck", "service_name")] = (old, _) => [Nodes.At(old, ["service_name_matcher", "prefix"], old.Value)],
        [(Core + "HealthCheck.HttpHealthCheck", "use_http2")] = (old, _)
            => Nodes.TextOf(old.Value) == "true" ? [Nodes.Entry(old, "codec_client_type", "HTTP2")] : [],
        [(Core + "Node", "build_version")] = Dropped,
        [(Listener + "Listener", "deprecated_v1")] = (old, _) => old.Value is MappingNode v1 ? v1.Entries : null,
        [(Listener + "FilterChain", "tls_context")] = (old, _) => TransportSocket(old, "DownstreamTlsContext"),
        [(Listener + "FilterChainMatch", "sni_domains")] = Renamed("server_names"),
        [(Manager, "idle_timeout")] = (old, _) => [Nodes.At(old, ["common_http_protocol_options", "idle_timeout"], old.Value)],
        [(Manager + ".Tracing", "operation_name")] = Dropped,
        [(Manager + ".Tracing", "request_headers_for_tags")] = TracingTags,
        [(Route + "RouteMatch", "regex")] = RouteRules.Regex("safe_regex"),
        [(Route + "RouteMatch", "runtime")] = RouteRules.RuntimeFraction,
        [(Route + "HeaderMatcher", "regex_match")] = RouteRules.Regex("safe_regex_match"),
        [(Route + "HeaderMatcher", "value")] = RouteRules.HeaderValue,
        [(Route + "HeaderMatcher", "regex")] = RouteRules.WithValue,
        [(Route + "QueryParameterMatcher", "value")] = RouteRules.QueryValue,
        [(Route + "QueryParameterMatcher", "regex")] = RouteRules.WithValue,
        [(Route + "RouteAction", "host_rewrite")] = Renamed("host_rewrite_literal"),
        [(Route + "RouteAction", "auto_host_rewrite_header")] = Renamed("host_rewrite_header"),
        [(Route + "RouteAction", "request_mirror_policy")] = Renamed("request_mirror_policies"),
        [(Route + "RouteAction.RequestMirrorPolicy", "runtime_key")] = RouteRules.MirrorKey,
        [(Route + "VirtualCluster", "pattern")] = (old, _) => RouteRules.HeaderCondition(old, ":path", "safe_regex_match", RouteRules.RegexOf(old)),
        [(Route + "VirtualCluster", "method")] = (old, _) => RouteRules.HeaderCondition(old, ":method", "exact_match", old.Value),
        [(Route + "CorsPolicy", "allow_origin")] = (old, _) => RouteRules.Origins(old, static o => Nodes.Mapping(o.Position, ("exact", o))),
        [(Route + "CorsPolicy", "allow_origin_regex")] = (old, _) => RouteRules.Origins(old, RouteRules.SafeRegex),
        [(Route + "CorsPolicy", "enabled")] = RouteRules.CorsEnabled,
        [("envoy.type.matcher.v3.StringMatcher", "regex")] = RouteRules.Regex("safe_regex"),
        [("envoy.extensions.filters.common.fault.v3.FaultDelay", "type")] = Dropped,
        [("envoy.extensions.filters.common.fault.v3.FaultDelay", "percent")] = RouteRules.Percentage,
        [("envoy.extensions.filters.http.fault.v3.FaultAbort", "percent")] = RouteRules.Percentage,
        [(Tls + "CertificateValidationContext", "verify_subject_alt_name")] = (old, _) =>
            [Nodes.Entry(old, "match_subject_alt_names", Nodes.Sequence(old.Position, Nodes.Items(old.Value).Select(static n => Nodes.Mapping(n.Position, ("exact", n)))))],
    };

    internal static FieldRule? Find(string message, string field) => Rules.GetValueOrDefault((message, field));

    private static FieldRule Renamed(string name) => (old, _) => [Nodes.Entry(old, name, old.Value)];

    private static IEnumerable<MappingEntry> Dropped(MappingEntry old, MappingNode mapping) => [];

    /// <summary>A value that has another name now; null when it is not the old one.</summary>
    private static MappingEntry[]? Value(MappingEntry old, string was, string now)
        => string.Equals(Nodes.TextOf(old.Value), was, StringComparison.OrdinalIgnoreCase) ? [Nodes.Entry(old, old.Key, now)] : null;

    private static MappingEntry[]? TransportSocket(MappingEntry old, string type)
    {
        if (old.Value is not MappingNode context) return null;
        var config = Nodes.Mapping(context.Position, ("@type", Nodes.Text(context.Position, Types.ApiTypes.UrlOf(Tls + type))));
        config.Entries.AddRange(context.Entries);
        var name = Nodes.Text(old.Position, "envoy.transport_sockets.tls");
        return [Nodes.Entry(old, "transport_socket", Nodes.Mapping(old.Position, ("name", name), ("typed_config", config)))];
    }

    private static IEnumerable<MappingEntry> TracingTags(MappingEntry old, MappingNode mapping)
        => [Nodes.Entry(old, "custom_tags", Nodes.Sequence(old.Position, Nodes.Items(old.Value).Select(static n =>
            Nodes.Mapping(n.Position, ("tag", n), ("request_header", Nodes.Mapping(n.Position, ("name", n)))))))];
}
