using System.Text;
using Envoy.Config.Core.V3;
using Envoy.Data.Core.V3;
using Envoy.Type.V3;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Formatting;
using Weft.Proxy.Routing;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.Streams;
using HeaderMap = Weft.Http.HeaderMap;

namespace Weft.Proxy.Clusters.HealthChecking.HttpCheck;

/// <summary>A check that sends a request and judges the response. Immutable.</summary>
internal sealed class HttpCheckKind : HealthCheckKind
{
    /// <summary>Body bytes that are kept to be matched.</summary>
    private const int DefaultResponseBufferBytes = 1024;

    private byte[] _method = [];
    private byte[] _path = [];
    private string _host = "";
    private bool _usesHttp2;
    private HeaderMutations _headers = HeaderMutations.None;

    public override HealthCheckerType Type => HealthCheckerType.Http;

    public override bool UsesHttp2 => _usesHttp2;

    /// <summary>The request's body; may be empty.</summary>
    public required byte[] Payload { get; init; }

    /// <summary>Expected in the response's body; empty: anything.</summary>
    public required PayloadMatcher Receive { get; init; }

    /// <summary>response_buffer_size; 0: no limit.</summary>
    public required ulong ResponseBufferBytes { get; init; }

    /// <summary>expected_statuses; default 200.</summary>
    public required StatusRanges Expected { get; init; }

    /// <summary>retriable_statuses: count towards unhealthy_threshold instead of failing at once.</summary>
    public required StatusRanges Retriable { get; init; }

    /// <summary>service_name_matcher, for x-envoy-upstream-healthchecked-cluster; null for none.</summary>
    public StringMatcher? ServiceName { get; init; }

    /// <summary>Null after a fault that leaves nothing to go on with.</summary>
    public static HttpCheckKind Create(HealthCheck.Types.HttpHealthCheck config, string clusterName, FactoryContext context)
    {
        var kind = new HttpCheckKind
        {
            Payload = PayloadOf(config, context),
            Receive = PayloadMatcher.Create(config.Receive, context.Config),
            ResponseBufferBytes = config.ResponseBufferSize ?? DefaultResponseBufferBytes,
            Expected = StatusRanges.Create(config.ExpectedStatuses, "expected", 200, context.Config),
            Retriable = StatusRanges.Create(config.RetriableStatuses, "retriable", 0, context.Config),
            ServiceName = config.ServiceNameMatcher is { } matcher ? StringMatcher.Create(matcher, context.Config) : null,
        };
        kind._method = Encoding.ASCII.GetBytes(MethodOf(config));
        kind._path = Encoding.Latin1.GetBytes(config.Path);
        kind._host = config.Host.Length > 0 ? config.Host : clusterName;
        kind._usesHttp2 = config.CodecClientType == CodecClientType.Http2;
        kind._headers = HeaderMutations.Create(config.RequestHeadersToAdd, config.RequestHeadersToRemove, context.Config, config, "request_headers_to_add", "request_headers_to_remove");
        if (kind.ResponseBufferBytes != 0 && (ulong)kind.Receive.Length > kind.ResponseBufferBytes)
        {
            context.Config.Error(config, "response_buffer_size",
                $"The expected response length '{kind.Receive.Length}' is over than http health response buffer size '{kind.ResponseBufferBytes}'");
        }

        return kind;
    }

    public override HealthCheckSession CreateSession(HealthChecker checker, Endpoint endpoint) => new HttpCheckSession(this, checker, endpoint);

    /// <summary>Fills <paramref name="headers"/> with the request for an endpoint.</summary>
    public void WriteRequest(HeaderMap headers, Endpoint endpoint, HealthChecker checker)
    {
        headers.Clear();
        headers.Set(KnownHeader.Method, _method);
        headers.Set(KnownHeader.Authority, Encoding.Latin1.GetBytes(endpoint.HealthCheck.Hostname is { Length: > 0 } own ? own : _host));
        headers.Set(KnownHeader.Path, _path);
        headers.Set(KnownHeader.Scheme, checker.IsSecure(endpoint) ? "https"u8 : "http"u8);
        headers.Set(KnownHeader.UserAgent, "Envoy/HC"u8);
        if (!_headers.IsEmpty)
            _headers.Apply(headers, new FormatContext(new StreamInfo { UpstreamEndpoint = endpoint, UpstreamCluster = checker.Cluster, Protocol = _usesHttp2 ? HttpProtocol.Http2 : HttpProtocol.Http11 }, headers));
        if (Payload.Length > 0)
            headers.Set(KnownHeader.ContentLength, Payload.Length);
    }

    private static string MethodOf(HealthCheck.Types.HttpHealthCheck config) =>
        config.Method == RequestMethod.MethodUnspecified ? "GET" : config.Method.ToString().ToUpperInvariant();

    private static byte[] PayloadOf(HealthCheck.Types.HttpHealthCheck config, FactoryContext context)
    {
        if (config.Send is null)
            return [];
        if (config.Method is RequestMethod.MethodUnspecified or RequestMethod.Get or RequestMethod.Head or RequestMethod.Delete or RequestMethod.Trace)
        {
            context.Config.Error(config, "send",
                $"HTTP health check cannot specify a request payload with method '{MethodOf(config)}'. Only methods that support a request body (POST, PUT, PATCH, OPTIONS) can be used with payload.");
        }

        return PayloadMatcher.BytesOf(config.Send, context.Config);
    }
}
