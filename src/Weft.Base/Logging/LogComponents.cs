namespace Weft.Base.Logging;

/// <summary>
/// The components that exist from the start: Envoy's, so that a command line written for Envoy is understood and
/// <c>/logging</c> lists what its users look for. A component that is asked for by another name is added.
/// </summary>
public static class LogComponents
{
    /// <summary>The names, in the order in which <c>/logging</c> lists them.</summary>
    public static IReadOnlyList<string> Known { get; } =
    [
        "admin", "alternate_protocols_cache", "assert", "aws", "backtrace", "basic_auth", "cache_filter", "client", "compression",
        "config", "conn_handler", "connection", "credential_injector", "decompression", "dns", "dubbo", "dynamic_modules", "envoy_bug",
        "ext_authz", "ext_proc", "file", "filter", "forward_proxy", "geolocation", "golang", "grpc", "happy_eyeballs", "hc",
        "health_checker", "http", "http2", "hystrix", "init", "io", "jwt", "kafka", "key_value_store", "local_rate_limit", "lua", "main",
        "matcher", "mcp", "misc", "mongo", "multi_connection", "notification", "oauth2", "pool", "quic", "quic_stream", "rate_limit_quota",
        "rbac", "rds", "redis", "rocketmq", "router", "runtime", "secret", "stats", "stats_sinks", "tap", "testing", "thrift", "tracing",
        "udp", "upstream", "wasm", "websocket",
    ];
}
