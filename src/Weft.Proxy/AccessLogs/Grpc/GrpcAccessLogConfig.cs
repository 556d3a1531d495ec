using Envoy.Extensions.AccessLoggers.Grpc.V3;
using Envoy.Service.Accesslog.V3;
using Google.Protobuf;
using Weft.Base.Buffers;
using Weft.Base.Stats;
using Weft.Http;
using Weft.Proxy.AccessLogs.Filters;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Workers;

namespace Weft.Proxy.AccessLogs.Grpc;

/// <summary>HttpGrpcAccessLogConfig and TcpGrpcAccessLogConfig: entries to an access log service. Immutable, shared by all workers.</summary>
internal sealed class GrpcAccessLogConfig
{
    private const string Method = "/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs";

    // One entry per worker (the main thread has the highest index), each written by its own worker only.
    private readonly GrpcLogReporter?[] _perWorker;

    private GrpcAccessLogConfig(int concurrency) => _perWorker = new GrpcLogReporter?[concurrency + 1];

    public required CollectorTarget Collector { get; init; }

    /// <summary>buffer_flush_interval; default 1,000.</summary>
    public long FlushIntervalMs { get; init; }

    /// <summary>buffer_size_bytes; default 16,384. 0: every entry by itself.</summary>
    public int BufferBytes { get; init; }

    /// <summary>Entries are of connections.</summary>
    public bool IsTcp { get; init; }

    /// <summary>Who sends, as the wire has it: part of the first message of a stream.</summary>
    public required byte[] Identifier { get; init; }

    public HeaderName[] RequestHeaders { get; init; } = [];

    public HeaderName[] ResponseHeaders { get; init; } = [];

    public HeaderName[] ResponseTrailers { get; init; } = [];

    public required Counter LogsWritten { get; init; }

    public required Counter LogsDropped { get; init; }

    public static AccessLogger? Create(HttpGrpcAccessLogConfig source, AccessLogFilter? filter, FactoryContext context) =>
        Create(source.CommonConfig, "envoy.access_loggers.http_grpc", isTcp: false, source, filter, context);

    public static AccessLogger? Create(TcpGrpcAccessLogConfig source, AccessLogFilter? filter, FactoryContext context) =>
        Create(source.CommonConfig, "envoy.access_loggers.tcp_grpc", isTcp: true, null, filter, context);

    /// <summary>The worker's part; called on its thread.</summary>
    public GrpcLogReporter For(Worker worker) => _perWorker[worker.Index] ??= new GrpcLogReporter(this, worker);

    private static GrpcAccessLogger? Create(CommonGrpcAccessLogConfig? common, string name, bool isTcp, HttpGrpcAccessLogConfig? http, AccessLogFilter? filter, FactoryContext context)
    {
        // The API's own rules report what is missing.
        if (common?.GrpcService is not { } service || CollectorTarget.Create(service, Method, name, context) is not { } collector)
            return null;
        var stats = context.Stats.Scope("access_logs.grpc_access_log.");
        return new GrpcAccessLogger(filter, new GrpcAccessLogConfig(context.Concurrency)
        {
            Collector = collector,
            FlushIntervalMs = common.BufferFlushInterval.ToMs(1000),
            BufferBytes = (int)Math.Min(common.BufferSizeBytes ?? 16_384, int.MaxValue),
            IsTcp = isTcp,
            Identifier = IdentifierOf(common.LogName, context.Node),
            RequestHeaders = Names(http?.AdditionalRequestHeadersToLog),
            ResponseHeaders = Names(http?.AdditionalResponseHeadersToLog),
            ResponseTrailers = Names(http?.AdditionalResponseTrailersToLog),
            LogsWritten = stats.Counter("logs_written"),
            LogsDropped = stats.Counter("logs_dropped"),
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
