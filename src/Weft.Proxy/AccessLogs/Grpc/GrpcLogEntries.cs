using System.Text;
using Envoy.Config.Core.V3;
using Envoy.Data.Accesslog.V3;
using Google.Protobuf.Collections;
using Weft.Http;
using Weft.Proxy.Formatting;
using HeaderMap = Weft.Http.HeaderMap;
using ProtocolVersion = Envoy.Data.Accesslog.V3.HTTPAccessLogEntry.Types.HTTPVersion;

namespace Weft.Proxy.AccessLogs.Grpc;

/// <summary>What is known of a request or connection, as the API's messages.</summary>
internal static class GrpcLogEntries
{
    public static TCPAccessLogEntry OfConnection(in FormatContext context, GrpcAccessLogConfig config) => new()
    {
        CommonProperties = GrpcLogProperties.Of(context, config),
        ConnectionProperties = new ConnectionProperties { ReceivedBytes = (ulong)context.Info.BytesReceived, SentBytes = (ulong)context.Info.BytesSent },
    };

    public static HTTPAccessLogEntry OfRequest(in FormatContext context, GrpcAccessLogConfig config) => new()
    {
        CommonProperties = GrpcLogProperties.Of(context, config),
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
            UpstreamHeaderBytesSent = (ulong)context.Info.UpstreamHeaderBytesSent,
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
            UpstreamHeaderBytesReceived = (ulong)info.UpstreamHeaderBytesReceived,
        };
        Add(context.ResponseHeaders, config.ResponseHeaders, response.ResponseHeaders);
        Add(context.ResponseTrailers, config.ResponseTrailers, response.ResponseTrailers);
        return response;
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

    /// <summary>What is no UTF-8 becomes replacement characters: the service would refuse the message otherwise.</summary>
    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
