using System.Text;
using Envoy.Config.Core.V3;
using Envoy.Data.Accesslog.V3;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Weft.Http;
using Weft.Net.Tls;
using Weft.Proxy.Admin;
using Weft.Proxy.Formatting;
using Weft.Proxy.Streams;
using HeaderMap = Weft.Http.HeaderMap;
using CertificateMessage = Envoy.Data.Accesslog.V3.TLSProperties.Types.CertificateProperties;
using ProtocolVersion = Envoy.Data.Accesslog.V3.HTTPAccessLogEntry.Types.HTTPVersion;

namespace Weft.Proxy.AccessLogs.Grpc;

/// <summary>What is known of a request or connection, as the API's messages.</summary>
internal static class GrpcLogEntries
{
    public static TCPAccessLogEntry OfConnection(in FormatContext context) => new()
    {
        CommonProperties = Common(context),
        ConnectionProperties = new ConnectionProperties { ReceivedBytes = (ulong)context.Info.BytesReceived, SentBytes = (ulong)context.Info.BytesSent },
    };

    public static HTTPAccessLogEntry OfRequest(in FormatContext context, GrpcAccessLogConfig config) => new()
    {
        CommonProperties = Common(context),
        ProtocolVersion = context.Info.Protocol switch
        {
            HttpProtocol.Http10 => ProtocolVersion.Http10,
            HttpProtocol.Http11 => ProtocolVersion.Http11,
            HttpProtocol.Http2 => ProtocolVersion.Http2,
            _ => ProtocolVersion.ProtocolUnspecified,
        },
        Request = Request(context, config),
        Response = Response(context, config),
    };

    private static HTTPRequestProperties Request(in FormatContext context, GrpcAccessLogConfig config)
    {
        var headers = context.RequestHeaders ?? new HeaderMap();
        var request = new HTTPRequestProperties
        {
            Scheme = Text(headers.Get(KnownHeader.Scheme)),
            Authority = Text(headers.Get(KnownHeader.Authority)),
            Path = Text(headers.Get(KnownHeader.Path)),
            UserAgent = Text(headers.Get(KnownHeader.UserAgent)),
            Referer = Text(headers.Get(KnownHeader.Referer)),
            ForwardedFor = Text(headers.Get(KnownHeader.XForwardedFor)),
            RequestId = Text(headers.Get(KnownHeader.XRequestId)),
            OriginalPath = Text(headers.Get(KnownHeader.XEnvoyOriginalPath)),
            RequestHeadersBytes = (ulong)headers.ByteSize,
            RequestBodyBytes = (ulong)context.Info.BytesReceived,
            DownstreamHeaderBytesReceived = (ulong)context.Info.HeaderBytesReceived,
        };
        // Methods that the API does not know are left out.
        if (System.Enum.TryParse<RequestMethod>(Text(headers.Get(KnownHeader.Method)), ignoreCase: true, out var method) && System.Enum.IsDefined(method))
            request.RequestMethod = method;
        Add(headers, config.RequestHeaders, request.RequestHeaders);
        return request;
    }

    private static HTTPResponseProperties Response(in FormatContext context, GrpcAccessLogConfig config)
    {
        var info = context.Info;
        var response = new HTTPResponseProperties
        {
            ResponseCode = info.ResponseCode > 0 ? (uint)info.ResponseCode : null,
            ResponseCodeDetails = info.ResponseCodeDetails ?? "",
            ResponseHeadersBytes = (ulong)(context.ResponseHeaders?.ByteSize ?? 0),
            ResponseBodyBytes = (ulong)info.BytesSent,
            DownstreamHeaderBytesSent = (ulong)info.HeaderBytesSent,
        };
        Add(context.ResponseHeaders, config.ResponseHeaders, response.ResponseHeaders);
        Add(context.ResponseTrailers, config.ResponseTrailers, response.ResponseTrailers);
        return response;
    }

    private static AccessLogCommon Common(in FormatContext context)
    {
        var info = context.Info;
        var common = new AccessLogCommon
        {
            DownstreamRemoteAddress = AddressMessage.Of(info.DownstreamRemoteAddress),
            DownstreamDirectRemoteAddress = AddressMessage.Of(info.DownstreamDirectRemoteAddress),
            DownstreamLocalAddress = AddressMessage.Of(info.DownstreamLocalAddress),
            TlsProperties = Tls(info),
            StartTime = Timestamp.FromDateTime(info.StartTime),
            Duration = Since(info, info.EndUs),
            TimeToLastRxByte = Since(info, info.LastDownstreamRxByteUs),
            TimeToFirstUpstreamTxByte = Since(info, info.FirstUpstreamTxByteUs),
            TimeToLastUpstreamTxByte = Since(info, info.LastUpstreamTxByteUs),
            TimeToFirstUpstreamRxByte = Since(info, info.FirstUpstreamRxByteUs),
            TimeToLastUpstreamRxByte = Since(info, info.LastUpstreamRxByteUs),
            TimeToFirstDownstreamTxByte = Since(info, info.FirstDownstreamTxByteUs),
            TimeToLastDownstreamTxByte = Since(info, info.LastDownstreamTxByteUs),
            UpstreamCluster = info.UpstreamCluster?.Name ?? "",
            UpstreamTransportFailureReason = info.UpstreamTransportFailureReason ?? "",
            RouteName = info.Route?.Name ?? "",
            UpstreamRequestAttemptCount = (uint)info.AttemptCount,
            ConnectionTerminationDetails = info.ConnectionTerminationDetails ?? "",
            StreamId = context.RequestHeaders is { } headers ? Text(headers.Get(KnownHeader.XRequestId)) : "",
            ResponseFlags = info.ResponseFlags == Streams.ResponseFlags.None ? null : GrpcLogFlags.Of(info.ResponseFlags),
            AccessLogType = context.LogType,
            Metadata = MetadataOf(info),
        };
        if (info.UpstreamEndpoint is { } endpoint)
        {
            common.UpstreamRemoteAddress = AddressMessage.Of(endpoint.Address);
            if (info.UpstreamConnectionId > 0)
                common.UpstreamLocalAddress = AddressMessage.Of(info.UpstreamLocalAddress);
        }

        return common;
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

    private static TLSProperties? Tls(StreamInfo info)
    {
        if (info.DownstreamTls is not { } tls)
            return string.IsNullOrEmpty(info.RequestedServerName) ? null : new TLSProperties { TlsSniHostname = info.RequestedServerName };
        return new TLSProperties
        {
            TlsSniHostname = info.RequestedServerName ?? "",
            TlsSessionId = tls.SessionId,
            TlsVersion = tls.Version switch
            {
                "TLSv1" => TLSProperties.Types.TLSVersion.Tlsv1,
                "TLSv1.1" => TLSProperties.Types.TLSVersion.Tlsv11,
                "TLSv1.2" => TLSProperties.Types.TLSVersion.Tlsv12,
                "TLSv1.3" => TLSProperties.Types.TLSVersion.Tlsv13,
                _ => TLSProperties.Types.TLSVersion.VersionUnspecified,
            },
            LocalCertificateProperties = Certificate(tls.Local),
            PeerCertificateProperties = Certificate(tls.Peer),
        };
    }

    private static CertificateMessage? Certificate(CertificateInfo? certificate)
    {
        if (certificate is null)
            return null;
        var message = new CertificateMessage { Subject = certificate.Subject };
        foreach (var name in certificate.SubjectAltNames.Where(static name => name.Kind == SubjectAltNameKind.Uri))
            message.SubjectAltName.Add(new CertificateMessage.Types.SubjectAltName { Uri = name.Text });
        return message;
    }

    private static void Add(HeaderMap? headers, HeaderName[] names, MapField<string, string> into)
    {
        if (headers is null)
            return;
        foreach (var name in names)
        {
            var values = new List<string>();
            for (var i = headers.IndexOf(name); i >= 0; i = headers.IndexOf(name, i + 1))
                values.Add(Text(headers.ValueAt(i)));
            if (values.Count > 0)
                into[name.ToString()] = string.Join(',', values);
        }
    }

    private static Duration? Since(StreamInfo info, long momentUs) =>
        momentUs == 0 ? null : Duration.FromTimeSpan(TimeSpan.FromMicroseconds(momentUs - info.StartUs));

    /// <summary>What is no UTF-8 becomes replacement characters: the service would refuse the message otherwise.</summary>
    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
