using Envoy.Config.Core.V3;
using Envoy.Data.Accesslog.V3;
using Google.Protobuf.WellKnownTypes;
using Weft.Http;
using Weft.Net;
using Weft.Proxy.Admin;
using Weft.Proxy.Formatting;
using Weft.Proxy.Streams;

namespace Weft.Proxy.AccessLogs.Grpc;

/// <summary>What entries of requests and of connections have in common, as the API's message.</summary>
internal static class GrpcLogProperties
{
    public static AccessLogCommon Of(in FormatContext context, GrpcAccessLogConfig config)
    {
        var info = context.Info;
        var isOver = IsOver(context.LogType);
        var common = new AccessLogCommon
        {
            DownstreamRemoteAddress = AddressMessage.Of(info.DownstreamRemoteAddress),
            DownstreamDirectRemoteAddress = AddressMessage.Of(info.DownstreamDirectRemoteAddress),
            DownstreamLocalAddress = AddressMessage.Of(info.DownstreamLocalAddress),
            DownstreamTransportFailureReason = info.DownstreamTransportFailureReason ?? "",
            TlsProperties = GrpcLogTls.Of(info),
            StartTime = Timestamp.FromDateTime(info.StartTime),
            Duration = isOver ? Since(info, info.EndUs) : null,
            UpstreamTransportFailureReason = info.UpstreamTransportFailureReason ?? "",
            RouteName = info.Route?.Name ?? "",
            UpstreamRequestAttemptCount = (uint)info.AttemptCount,
            ConnectionTerminationDetails = info.ConnectionTerminationDetails ?? "",
            StreamId = context.RequestHeaders is { } headers ? GrpcLogEntries.Text(headers.Get(KnownHeader.XRequestId)) : "",
            ResponseFlags = info.ResponseFlags == Streams.ResponseFlags.None ? null : GrpcLogFlags.Of(info.ResponseFlags),
            AccessLogType = context.LogType,
            Metadata = MetadataOf(info),
        };
#pragma warning disable CS0612 // log types have taken its place
        common.IntermediateLogEntry = !isOver;
#pragma warning restore CS0612
        AddTimes(common, info);
        AddSizes(common, info);
        AddUpstream(common, info);
        AddConfigured(common, context, config);
        return common;
    }

    /// <summary>The request or connection has ended; listeners log nothing else.</summary>
    private static bool IsOver(AccessLogType type) =>
        type is AccessLogType.DownstreamEnd or AccessLogType.UpstreamEnd or AccessLogType.TcpConnectionEnd or AccessLogType.UdpSessionEnd or AccessLogType.NotSet;

    private static void AddTimes(AccessLogCommon common, StreamInfo info)
    {
        common.TimeToLastRxByte = Since(info, info.LastDownstreamRxByteUs);
        common.TimeToFirstUpstreamTxByte = Since(info, info.FirstUpstreamTxByteUs);
        common.TimeToLastUpstreamTxByte = Since(info, info.LastUpstreamTxByteUs);
        common.TimeToFirstUpstreamRxByte = Since(info, info.FirstUpstreamRxByteUs);
        common.TimeToLastUpstreamRxByte = Since(info, info.LastUpstreamRxByteUs);
        common.TimeToFirstDownstreamTxByte = Since(info, info.FirstDownstreamTxByteUs);
        common.TimeToLastDownstreamTxByte = Since(info, info.LastDownstreamTxByteUs);
    }

    private static void AddSizes(AccessLogCommon common, StreamInfo info)
    {
        common.DownstreamWireBytesReceived = (ulong)(info.HeaderBytesReceived + info.BytesReceived);
        common.DownstreamWireBytesSent = (ulong)(info.HeaderBytesSent + info.BytesSent);
        common.UpstreamWireBytesReceived = (ulong)(info.UpstreamHeaderBytesReceived + info.UpstreamBodyBytesReceived);
        common.UpstreamWireBytesSent = info.UpstreamReadyUs == 0 ? 0 : (ulong)(info.UpstreamHeaderBytesSent + info.BytesReceived);
    }

    private static void AddUpstream(AccessLogCommon common, StreamInfo info)
    {
        if (info.UpstreamEndpoint is not { } endpoint)
            return;
        common.UpstreamCluster = info.UpstreamCluster?.Name ?? "";
        common.UpstreamRemoteAddress = AddressMessage.Of(endpoint.Address);
        if (info.UpstreamLocalAddress.Kind != NetAddressKind.None)
            common.UpstreamLocalAddress = AddressMessage.Of(info.UpstreamLocalAddress);
    }

    /// <summary>Tags, and objects of the filter state that have a form in which they can be sent.</summary>
    private static void AddConfigured(AccessLogCommon common, in FormatContext context, GrpcAccessLogConfig config)
    {
        foreach (var tag in config.Tags)
        {
            if (tag.Text(context) is { Length: > 0 } value)
                common.CustomTags[tag.Name] = value;
        }

        foreach (var name in config.StateNames)
        {
            if (context.Info.FilterState.Find(name)?.ToMessage() is { } message)
                common.FilterStateObjects[name] = Any.Pack(message);
        }
    }

    private static Metadata? MetadataOf(StreamInfo info)
    {
        if (info.DynamicMetadata.IsEmpty)
            return null;
        var metadata = new Metadata();
        foreach (var name in info.DynamicMetadata.Namespaces())
            metadata.FilterMetadata[name] = info.DynamicMetadata.ToStruct(name);
        return metadata;
    }

    private static Duration? Since(StreamInfo info, long momentUs) =>
        momentUs == 0 ? null : Duration.FromTimeSpan(TimeSpan.FromMicroseconds(momentUs - info.StartUs));
}
