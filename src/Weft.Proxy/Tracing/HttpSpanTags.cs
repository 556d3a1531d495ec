using Weft.Http;
using Weft.Net;
using Weft.Proxy.Clusters;
using Weft.Proxy.Formatting;
using Weft.Proxy.Formatting.Operators;
using Weft.Proxy.Routing;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Tracing;

/// <summary>The tags that Envoy gives to spans of HTTP requests, taken from what is known at the end. Any worker.</summary>
internal static class HttpSpanTags
{
    /// <summary>The statuses of gRPC that are a server's fault: UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS.</summary>
    private const uint GrpcServerFaults = 1u << 2 | 1u << 4 | 1u << 8 | 1u << 12 | 1u << 13 | 1u << 14 | 1u << 15;

    /// <summary>Of the span of a received request.</summary>
    public static void WriteDownstream(SpanTags tags, in FormatContext context, TracingConfig config)
    {
        var info = context.Info;
        tags.Set("node_id"u8, config.Node.Id);
        tags.Set("zone"u8, config.Node.Zone);
        WriteRequest(tags, context.RequestHeaders!, info, config);
        tags.Set("request_size"u8, info.BytesReceived);
        tags.Set("response_size"u8, info.BytesSent);
        WriteCommon(tags, context, info.ResponseCode, config);
    }

    /// <summary>Of the span of an attempt at an upstream.</summary>
    /// <param name="context">Of the request; response headers and trailers are the attempt's.</param>
    /// <param name="endpoint">Whom it asked.</param>
    /// <param name="status">Of the attempt's response; 0: it had none.</param>
    public static void WriteUpstream(SpanTags tags, in FormatContext context, Endpoint? endpoint, int status, TracingConfig config)
    {
        WriteProtocol(tags, context.Info.UpstreamProtocol);
        tags.Set("upstream_address"u8, endpoint?.AddressText);
        tags.Set("peer.address"u8, endpoint?.AddressText);
        WriteCommon(tags, context, status, config);
    }

    private static void WriteRequest(SpanTags tags, HeaderMap headers, StreamInfo info, TracingConfig config)
    {
        tags.Set("guid:x-request-id"u8, headers.Get(KnownHeader.XRequestId));
        WriteUrl(tags, headers, config.MaxPathBytes);
        tags.Set("http.method"u8, headers.Get(KnownHeader.Method));
        tags.Set("downstream_cluster"u8, OrDash(headers.Get(KnownHeader.XEnvoyDownstreamServiceCluster)));
        tags.Set("user_agent"u8, OrDash(headers.Get(KnownHeader.UserAgent)));
        WriteProtocol(tags, info.Protocol);
        var peer = "peer.address"u8;
        var text = tags.Begin(peer);
        text.Advance(info.DownstreamDirectRemoteAddress.Format(text.GetSpan(NetAddress.MaxTextBytes), withPort: false));
        tags.End(peer.Length);
        tags.Set("guid:x-client-trace-id"u8, headers.Get(KnownHeader.XClientTraceId));
        if (GrpcRequest.Is(headers))
            WriteGrpcRequest(tags, headers);
    }

    private static void WriteGrpcRequest(SpanTags tags, HeaderMap headers)
    {
        tags.Set("grpc.path"u8, headers.Get(KnownHeader.Path));
        tags.Set("grpc.authority"u8, headers.Get(KnownHeader.Authority));
        tags.Set("grpc.content_type"u8, headers.Get(KnownHeader.ContentType));
        tags.Set("grpc.timeout"u8, headers.Get(KnownHeader.GrpcTimeout));
    }

    private static void WriteCommon(SpanTags tags, in FormatContext context, int status, TracingConfig config)
    {
        var info = context.Info;
        tags.Set("component"u8, "proxy"u8);
        tags.Set("upstream_cluster"u8, info.UpstreamCluster?.Name);
        tags.Set("upstream_cluster.name"u8, info.UpstreamCluster?.StatName);
        tags.Set("http.status_code"u8, status);
        WriteFlags(tags, context);
        if (status is 0 or >= 500)
            tags.Set("error"u8, "true"u8);
        WriteGrpcResponse(tags, context.ResponseHeaders);
        WriteGrpcResponse(tags, context.ResponseTrailers);
        if (config.IsVerbose)
            WriteMoments(tags, info);
        foreach (var tag in config.Tags)
            tag.Apply(tags, context);
        foreach (var tag in info.Route?.Tracing?.Tags ?? [])
            tag.Apply(tags, context);
    }

    private static void WriteFlags(SpanTags tags, in FormatContext context)
    {
        var name = "response_flags"u8;
        var value = tags.Begin(name);
        if (!s_flags.TryWrite(context, value))
            value.Write((byte)'-');
        tags.End(name.Length);
    }

    private static void WriteGrpcResponse(SpanTags tags, HeaderMap? headers)
    {
        if (headers is null || !headers.Has(KnownHeader.GrpcStatus))
            return;
        var status = headers.Get(KnownHeader.GrpcStatus);
        tags.Set("grpc.status_code"u8, status);
        tags.Set("grpc.message"u8, headers.Get(KnownHeader.GrpcMessage));
        if (System.Buffers.Text.Utf8Parser.TryParse(status, out uint number, out var length) && length == status.Length && number < 32 && (GrpcServerFaults & (1u << (int)number)) != 0)
            tags.Set("error"u8, "true"u8);
    }

    /// <summary>The URL as the client sent it, before rewrites, its path cut.</summary>
    private static void WriteUrl(SpanTags tags, HeaderMap headers, int maxPathBytes)
    {
        var name = "http.url"u8;
        var path = headers.Get(headers.Has(KnownHeader.XEnvoyOriginalPath) ? KnownHeader.XEnvoyOriginalPath : KnownHeader.Path);
        var url = tags.Begin(name);
        url.Write(headers.Get(headers.Has(KnownHeader.XForwardedProto) ? KnownHeader.XForwardedProto : KnownHeader.Scheme));
        url.Write("://"u8);
        url.Write(headers.Get(KnownHeader.Authority));
        url.Write(path.Length > maxPathBytes ? path[..maxPathBytes] : path);
        tags.End(name.Length);
    }

    private static void WriteProtocol(SpanTags tags, HttpProtocol? protocol)
    {
        var name = "http.protocol"u8;
        var value = tags.Begin(name);
        if (!TextSources.Write(protocol, value))
            value.Write((byte)'-');
        tags.End(name.Length);
    }

    private static void WriteMoments(SpanTags tags, StreamInfo info)
    {
        tags.AddEvent(info.LastDownstreamRxByteUs, "last_downstream_rx_byte_received"u8);
        tags.AddEvent(info.FirstUpstreamTxByteUs, "first_upstream_tx_byte_sent"u8);
        tags.AddEvent(info.LastUpstreamTxByteUs, "last_upstream_tx_byte_sent"u8);
        tags.AddEvent(info.FirstUpstreamRxByteUs, "first_upstream_rx_byte_received"u8);
        tags.AddEvent(info.LastUpstreamRxByteUs, "last_upstream_rx_byte_received"u8);
        tags.AddEvent(info.FirstDownstreamTxByteUs, "first_downstream_tx_byte_sent"u8);
        tags.AddEvent(info.LastDownstreamTxByteUs, "last_downstream_tx_byte_sent"u8);
    }

    private static ReadOnlySpan<byte> OrDash(ReadOnlySpan<byte> value) => value.IsEmpty ? "-"u8 : value;

    private static readonly ResponseFlagsOperator s_flags = new(isLong: false);
}
