using Weft.Proxy.AccessLogs;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters.Upstream;
using Weft.Proxy.Runtime;
using Weft.Proxy.Stats;
using Weft.Proxy.Workers;
using RouterMessage = Envoy.Extensions.Filters.Http.Router.V3.Router;

namespace Weft.Proxy.HttpFilters.Router;

/// <summary>Makes routers: the terminal filter that sends requests to clusters.</summary>
internal sealed class RouterFilterFactory : HttpFilterFactory
{
    public required RouterStats Stats { get; init; }

    public required RuntimeLayers Runtime { get; init; }

    /// <summary>suppress_envoy_headers: no x-envoy-* headers are added.</summary>
    public bool SuppressEnvoyHeaders { get; init; }

    /// <summary>respect_expected_rq_timeout: an x-envoy-expected-rq-timeout-ms of the request is its timeout.</summary>
    public bool RespectExpectedTimeout { get; init; }

    /// <summary>dynamic_stats: responses are counted by their status; default true.</summary>
    public bool CountsStatuses { get; init; } = true;

    /// <summary>suppress_grpc_request_failure_code_stats: gRPC requests are not counted by HTTP status in upstream_rq_xx and upstream_rq_NNN.</summary>
    public bool SuppressGrpcCodes { get; init; }

    /// <summary>start_child_span: every attempt has a span of its own, as with spawn_upstream_span of the connection manager.</summary>
    public bool StartsChildSpans { get; init; }

    /// <summary>strict_check_headers.</summary>
    public StrictHeaders StrictHeaders { get; init; } = new([]);

    /// <summary>upstream_log: a line for every attempt.</summary>
    public AccessLogger[] UpstreamLogs { get; init; } = [];

    /// <summary>upstream_log_options: when lines are written besides the end of an attempt.</summary>
    public AccessLogTimes UpstreamLogTimes { get; init; } = AccessLogTimes.AtEnd;

    /// <summary>upstream_http_filters: for attempts at clusters that have none of their own; null: none.</summary>
    public UpstreamFilterChain? UpstreamFilters { get; init; }

    public override bool IsTerminal => true;

    public static RouterFilterFactory Create(string name, RouterMessage config, string statPrefix, FactoryContext context) => new()
    {
        Name = name,
        Stats = new RouterStats(context.Stats, statPrefix),
        Runtime = context.Runtime,
        SuppressEnvoyHeaders = config.SuppressEnvoyHeaders,
        CountsStatuses = config.DynamicStats ?? true,
        SuppressGrpcCodes = config.SuppressGrpcRequestFailureCodeStats,
        UpstreamLogs = AccessLogger.Create(config.UpstreamLog, context),
        UpstreamLogTimes = AccessLogTimes.Of(config),
        UpstreamFilters = UpstreamFilterChain.Create(
            new HttpFilterChain(config.UpstreamHttpFilters, config, "upstream_http_filters", "router upstream http"), $"http.{statPrefix}.", context),
        StrictHeaders = new StrictHeaders(config.StrictCheckHeaders),
        RespectExpectedTimeout = config.RespectExpectedRqTimeout,
#pragma warning disable CS0612 // deprecated by spawn_upstream_span
        StartsChildSpans = config.StartChildSpan,
#pragma warning restore CS0612
    };

    public override HttpFilter Create(Worker worker) => new RouterFilter(this, worker);
}
