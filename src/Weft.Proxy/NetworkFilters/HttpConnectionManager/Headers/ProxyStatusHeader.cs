using System.Text;
using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.Formatting;
using Weft.Proxy.Formatting.Operators;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.Streams;
using ConfigMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager.Types.ProxyStatusConfig;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers;

/// <summary>proxy_status_config: the proxy-status header (RFC 9209) of responses that tell of a failure, by their flags. Immutable; any thread.</summary>
internal sealed class ProxyStatusHeader
{
    /// <summary>What a flag means, in the order in which flags count.</summary>
    private static readonly (ResponseFlags Flag, ProxyError Error)[] s_errors =
    [
        (ResponseFlags.FailedLocalHealthCheck, ProxyError.DestinationUnavailable),
        (ResponseFlags.NoHealthyUpstream, ProxyError.DestinationUnavailable),
        (ResponseFlags.UpstreamRequestTimeout, ProxyError.ResponseTimeout),
        (ResponseFlags.DurationTimeout, ProxyError.ConnectionTimeout),
        (ResponseFlags.LocalReset, ProxyError.ConnectionTimeout),
        (ResponseFlags.UpstreamRemoteReset, ProxyError.ConnectionTerminated),
        (ResponseFlags.UpstreamConnectionFailure, ProxyError.ConnectionRefused),
        (ResponseFlags.UnauthorizedExternalService, ProxyError.ConnectionRefused),
        (ResponseFlags.UpstreamConnectionTermination, ProxyError.ConnectionTerminated),
        (ResponseFlags.OverloadManager, ProxyError.ConnectionLimitReached),
        (ResponseFlags.DropOverload, ProxyError.ConnectionLimitReached),
        (ResponseFlags.FaultInjected, ProxyError.RequestError),
        (ResponseFlags.DownstreamConnectionTermination, ProxyError.ConnectionTerminated),
        (ResponseFlags.DownstreamRemoteReset, ProxyError.ConnectionTerminated),
        (ResponseFlags.UpstreamOverflow, ProxyError.ConnectionLimitReached),
        (ResponseFlags.NoRouteFound, ProxyError.DestinationNotFound),
        (ResponseFlags.RateLimited, ProxyError.ConnectionLimitReached),
        (ResponseFlags.RateLimitServiceError, ProxyError.ConnectionLimitReached),
        (ResponseFlags.UpstreamRetryLimitExceeded, ProxyError.DestinationUnavailable),
        (ResponseFlags.StreamIdleTimeout, ProxyError.ResponseTimeout),
        (ResponseFlags.InvalidEnvoyRequestHeaders, ProxyError.RequestError),
        (ResponseFlags.DownstreamProtocolError, ProxyError.RequestError),
        (ResponseFlags.UpstreamMaxStreamDurationReached, ProxyError.ResponseTimeout),
        (ResponseFlags.NoFilterConfigFound, ProxyError.ConfigurationError),
        (ResponseFlags.UpstreamProtocolError, ProxyError.ProtocolError),
        (ResponseFlags.NoClusterFound, ProxyError.DestinationUnavailable),
        (ResponseFlags.DnsResolutionFailed, ProxyError.DnsError),
    ];

    private static readonly HeaderName s_name = new("proxy-status");
    private static readonly ResponseFlagsOperator s_flags = new(isLong: false);

    private readonly ConfigMessage _config;
    private readonly byte[] _proxyName;

    private ProxyStatusHeader(ConfigMessage config, string proxyName) => (_config, _proxyName) = (config, Encoding.UTF8.GetBytes(proxyName));

    private enum ProxyError : byte
    {
        ConfigurationError, ConnectionLimitReached, ConnectionRefused, ConnectionTerminated, ConnectionTimeout, DestinationNotFound, DestinationUnavailable,
        DnsError, ProtocolError, RequestError, ResponseTimeout,
    }

    /// <summary>Null: no response gets the header.</summary>
    /// <param name="serverName">What the proxy is called by default.</param>
    public static ProxyStatusHeader? Create(ConfigMessage? config, string serverName, string nodeId) => config is null ? null : new ProxyStatusHeader(config, config.ProxyNameCase switch
    {
        ConfigMessage.ProxyNameOneofCase.LiteralProxyName => config.LiteralProxyName,
        ConfigMessage.ProxyNameOneofCase.UseNodeId => nodeId,
        _ => serverName,
    });

    /// <summary>Appends to a response that has failed; with set_recommended_response_code it also gets the status of its failure.</summary>
    public void Apply(HeaderMap response, StreamInfo info)
    {
        if (info.ResponseFlags == ResponseFlags.None) return;
        foreach (var (flag, error) in s_errors)
        {
            if ((info.ResponseFlags & flag) == 0) continue;
            Append(response, info, error);
            if (_config.SetRecommendedResponseCode && RecommendedStatus(error) is > 0 and var status)
            {
                response.Set(KnownHeader.Status, status);
                info.ResponseCode = status;
            }

            return;
        }
    }

    private void Append(HeaderMap response, StreamInfo info, ProxyError error)
    {
        var text = MatchScratch.OfThread.Formatted;
        text.Clear();
        text.Write(_proxyName);
        text.Write("; error="u8);
        text.Write(NameOf(error));
        if (!_config.RemoveDetails && info.ResponseCodeDetails is { } details)
        {
            text.Write("; details=\""u8);
            WriteEscaped(text, details);
            if (!_config.RemoveConnectionTerminationDetails && info.ConnectionTerminationDetails is { } termination)
            {
                text.Write("; "u8);
                WriteEscaped(text, termination);
            }

            if (!_config.RemoveResponseFlags)
            {
                text.Write("; "u8);
                s_flags.TryWrite(new FormatContext(info), text);
            }

            text.Write((byte)'"');
        }

        response.Append(s_name, text.Written, ", "u8);
    }

    private static void WriteEscaped(ByteWriter output, string text)
    {
        foreach (var letter in text)
        {
            switch (letter)
            {
                case '\r': output.Write("\\r"u8); break;
                case '\n': output.Write("\\n"u8); break;
                case '\t': output.Write("\\t"u8); break;
                case '"': output.Write("\\\""u8); break;
                default: output.Write((byte)letter); break;
            }
        }
    }

    private static ReadOnlySpan<byte> NameOf(ProxyError error) => error switch
    {
        ProxyError.ConfigurationError => "proxy_configuration_error"u8,
        ProxyError.ConnectionLimitReached => "connection_limit_reached"u8,
        ProxyError.ConnectionRefused => "connection_refused"u8,
        ProxyError.ConnectionTerminated => "connection_terminated"u8,
        ProxyError.ConnectionTimeout => "connection_timeout"u8,
        ProxyError.DestinationNotFound => "destination_not_found"u8,
        ProxyError.DestinationUnavailable => "destination_unavailable"u8,
        ProxyError.DnsError => "dns_error"u8,
        ProxyError.ProtocolError => "http_protocol_error"u8,
        ProxyError.RequestError => "http_request_error"u8,
        _ => "http_response_timeout"u8,
    };

    /// <summary>0: none is recommended.</summary>
    private static int RecommendedStatus(ProxyError error) => error switch
    {
        ProxyError.ConfigurationError or ProxyError.DestinationNotFound => 500,
        ProxyError.ConnectionRefused or ProxyError.ConnectionTerminated or ProxyError.DnsError or ProxyError.ProtocolError => 502,
        ProxyError.ConnectionLimitReached or ProxyError.DestinationUnavailable => 503,
        ProxyError.ConnectionTimeout or ProxyError.ResponseTimeout => 504,
        _ => 0,
    };
}
