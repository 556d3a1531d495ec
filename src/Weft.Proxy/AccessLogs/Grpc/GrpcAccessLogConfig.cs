using Envoy.Extensions.AccessLoggers.Grpc.V3;
using Envoy.Service.Accesslog.V3;
using Google.Protobuf;
using Weft.Base.Buffers;
using Weft.Base.Stats;
using Weft.Http;
using Weft.Proxy.AccessLogs.Collected;
using Weft.Proxy.AccessLogs.Filters;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Tracing;
using Weft.Proxy.Workers;

namespace Weft.Proxy.AccessLogs.Grpc;

/// <summary>HttpGrpcAccessLogConfig and TcpGrpcAccessLogConfig: entries to an access log service. Immutable, shared by all workers.</summary>
internal sealed class GrpcAccessLogConfig : CollectedLogConfig
{
    private const string Method = "/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs";

    private GrpcAccessLogConfig(CommonGrpcAccessLogConfig common, CollectorTarget collector, StatsScope stats, int concurrency)
        : base(common, collector, stats, concurrency)
    {
    }

    /// <summary>Entries are of connections.</summary>
    public bool IsTcp { get; init; }

    /// <summary>Who sends, as the wire has it: part of the first message of a stream.</summary>
    public required byte[] Identifier { get; init; }

    public HeaderName[] RequestHeaders { get; init; } = [];

    public HeaderName[] ResponseHeaders { get; init; } = [];

    public HeaderName[] ResponseTrailers { get; init; } = [];

    /// <summary>custom_tags of every entry.</summary>
    public CustomTag[] Tags { get; init; } = [];

    /// <summary>filter_state_objects_to_log: the names of those that entries hold where they are there.</summary>
    public string[] StateNames { get; init; } = [];

    public static AccessLogger? Create(HttpGrpcAccessLogConfig source, AccessLogFilter? filter, FactoryContext context) =>
        Create(source.CommonConfig, "envoy.access_loggers.http_grpc", isTcp: false, source, filter, context);

    public static AccessLogger? Create(TcpGrpcAccessLogConfig source, AccessLogFilter? filter, FactoryContext context) =>
        Create(source.CommonConfig, "envoy.access_loggers.tcp_grpc", isTcp: true, null, filter, context);

    private protected override LogReporter Create(Worker worker) => new GrpcLogReporter(this, worker);

    private static CollectedAccessLogger? Create(CommonGrpcAccessLogConfig? common, string name, bool isTcp, HttpGrpcAccessLogConfig? http, AccessLogFilter? filter, FactoryContext context)
    {
        // The API's own rules report what is missing.
        if (common?.GrpcService is not { } service || CollectorTarget.Create(service, Method, name, context, isStream: true) is not { } collector)
            return null;
        collector = collector with { Retries = ConnectRetries.Create(common.GrpcStreamRetryPolicy) };
        return new CollectedAccessLogger(filter, new GrpcAccessLogConfig(common, collector, context.Stats.Scope("access_logs.grpc_access_log."), context.Concurrency)
        {
            IsTcp = isTcp,
            Identifier = IdentifierOf(common.LogName, context.Node),
            RequestHeaders = Names(http?.AdditionalRequestHeadersToLog),
            ResponseHeaders = Names(http?.AdditionalResponseHeadersToLog),
            ResponseTrailers = Names(http?.AdditionalResponseTrailersToLog),
            Tags = CustomTag.Create(common.CustomTags, context.Config),
            StateNames = [.. common.FilterStateObjectsToLog],
        });
    }

    private static HeaderName[] Names(IEnumerable<string>? names) => [.. (names ?? []).Select(static name => new HeaderName(name))];

    private static byte[] IdentifierOf(string logName, Node node)
    {
        var identifier = new StreamAccessLogsMessage.Types.Identifier
        {
            LogName = logName,
            Node = new Envoy.Config.Core.V3.Node { Id = node.Id, Cluster = node.Cluster, Locality = new() { Zone = node.Zone } },
        };
        var output = new ByteWriter();
        output.WriteBytes(StreamAccessLogsMessage.IdentifierFieldNumber, identifier.ToByteArray());
        return output.Written.ToArray();
    }
}
