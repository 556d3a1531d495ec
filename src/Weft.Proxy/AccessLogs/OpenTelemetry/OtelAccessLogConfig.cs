using System.Text;
using Envoy.Extensions.AccessLoggers.Grpc.V3;
using Envoy.Extensions.AccessLoggers.OpenTelemetry.V3;
using Google.Protobuf;
using Weft.Base.Buffers;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Proxy.AccessLogs.Collected;
using Weft.Proxy.AccessLogs.Filters;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Formatting;
using Weft.Proxy.Tracing.OpenTelemetry;
using Weft.Proxy.Workers;

namespace Weft.Proxy.AccessLogs.OpenTelemetry;

/// <summary>OpenTelemetryAccessLogConfig: log records to a collector, by gRPC or HTTP. Immutable, shared by all workers.</summary>
internal sealed class OtelAccessLogConfig : CollectedLogConfig
{
    private const string Name = "envoy.access_loggers.open_telemetry";
    private const string Method = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

    private OtelAccessLogConfig(CommonGrpcAccessLogConfig common, CollectorTarget collector, StatsScope stats, int concurrency)
        : base(common, collector, stats, concurrency)
    {
    }

    /// <summary>Null: records have no body.</summary>
    public OtelValue? Body { get; init; }

    public required (byte[] Key, OtelValue Value)[] Attributes { get; init; }

    /// <summary>The resource that records are of, as the wire has it.</summary>
    public required byte[] Resource { get; init; }

    /// <summary>Null after a fault, which is reported.</summary>
    public static AccessLogger? Create(OpenTelemetryAccessLogConfig source, AccessLogFilter? filter, FactoryContext context)
    {
        if (CollectorOf(source, context) is not { } collector)
            return null;
        var common = CommonOf(source);
        CheckUnused(source.CommonConfig ?? common, context.Config);
        SubstitutionFormat.CheckFormatters(source.Formatters, context.Config);
        var stats = context.Stats.Scope("access_logs.open_telemetry_access_log." + (source.StatPrefix.Length > 0 ? source.StatPrefix.TrimEnd('.') + "." : ""));
        return new CollectedAccessLogger(filter, new OtelAccessLogConfig(common, collector, stats, context.Concurrency)
        {
            Body = source.Body is { ValueCase: not global::Opentelemetry.Proto.Common.V1.AnyValue.ValueOneofCase.None } body ? OtelValue.Create(body, context.Config) : null,
            Attributes = source.Attributes is null ? [] : OtelValue.Members(source.Attributes, context.Config),
            Resource = ResourceOf(source, common.LogName, context.Node),
        });
    }

    /// <summary>Null after a fault, which is reported.</summary>
    private static CollectorTarget? CollectorOf(OpenTelemetryAccessLogConfig source, FactoryContext context)
    {
        if (new IMessage?[] { source.CommonConfig, source.GrpcService, source.HttpService }.Count(static service => service is not null) != 1)
        {
            context.Config.Error(source, null, "exactly one of common_config, grpc_service and http_service is needed");
            return null;
        }

        if (source.HttpService is { } http)
            return CollectorTarget.Create(http, "application/x-protobuf", Name, context);
        // The API's own rules report what is missing.
        if ((source.GrpcService ?? source.CommonConfig.GrpcService) is not { } service || CollectorTarget.Create(service, Method, Name, context) is not { } collector)
            return null;
        return source.CommonConfig is { } common ? collector with { Retries = ConnectRetries.Create(common.GrpcStreamRetryPolicy) } : collector;
    }

    /// <summary>What such a log has in common with others: in common_config of old, later in fields of its own.</summary>
    private static CommonGrpcAccessLogConfig CommonOf(OpenTelemetryAccessLogConfig source)
    {
        var common = source.CommonConfig?.Clone() ?? new CommonGrpcAccessLogConfig();
        if (source.LogName.Length > 0) common.LogName = source.LogName;
        common.BufferFlushInterval = source.BufferFlushInterval ?? common.BufferFlushInterval;
        common.BufferSizeBytes = source.BufferSizeBytes ?? common.BufferSizeBytes;
        return common;
    }

    private protected override LogReporter Create(Worker worker) => new OtelLogReporter(this, worker);

    /// <summary>Fields of what it has in common with other logs that mean nothing here; attributes do what they would.</summary>
    private static void CheckUnused(CommonGrpcAccessLogConfig common, ConfigContext context)
    {
        if (common.CustomTags.Count > 0)
            context.Error(common, "custom_tags", $"{Name} has no custom_tags; use attributes");
        if (common.FilterStateObjectsToLog.Count > 0)
            context.Error(common, "filter_state_objects_to_log", $"{Name} has no filter_state_objects_to_log; use attributes with %FILTER_STATE(name)%");
    }

    private static byte[] ResourceOf(OpenTelemetryAccessLogConfig source, string logName, Node node)
    {
        var resource = new ByteWriter();
        void Add(string key, string value) => OtelSpanWriter.WriteAttribute(resource, 1, Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value));
        if (!source.DisableBuiltinLabels)
        {
            Add("log_name", logName);
            Add("zone_name", node.Zone);
            Add("cluster_name", node.Cluster);
            Add("node_name", node.Id);
        }

        foreach (var pair in source.ResourceAttributes?.Values ?? [])
            resource.WriteBytes(1, Google.Protobuf.MessageExtensions.ToByteArray(pair));
        return resource.Written.ToArray();
    }
}
