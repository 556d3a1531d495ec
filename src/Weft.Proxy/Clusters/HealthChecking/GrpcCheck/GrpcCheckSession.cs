using Envoy.Data.Core.V3;
using Weft.Http;
using Weft.Proxy.Clusters.HealthChecking.HttpCheck;
using Weft.Proxy.Routing;

namespace Weft.Proxy.Clusters.HealthChecking.GrpcCheck;

/// <summary>The gRPC checks of one endpoint. Main thread.</summary>
internal sealed class GrpcCheckSession(GrpcCheckKind kind, HealthChecker checker, Endpoint endpoint) : HealthCheckSession(checker, endpoint), IHttpCheckHandler
{
    private readonly HeaderMap _request = new();
    private HttpCheckClient? _client;

    int IHttpCheckHandler.MaxBodyBytes => 64 * 1024;

    protected override void BeginCheck()
    {
        if (_client is { CanSend: false })
            Abandon();
        _client ??= Checker.ConnectHttp(Endpoint, this);
        kind.WriteRequest(_request, Endpoint, Checker);
        _client.Send(_request, kind.Message);
    }

    protected override void Abandon()
    {
        var client = _client;
        _client = null;
        client?.Close();
    }

    void IHttpCheckHandler.OnResponse(HeaderMap headers, ReadOnlySpan<byte> body, HeaderMap? trailers, bool canReuse)
    {
        var isWell = headers.Status == 200
            && GrpcRequest.Is(headers)
            && (trailers ?? headers).Get(KnownHeader.GrpcStatus).SequenceEqual("0"u8)
            && GrpcHealthMessage.IsServing(body);
        if (!canReuse || !Config.ReuseConnection)
            Abandon();
        if (isWell)
            Succeed();
        else
            Fail(HealthCheckFailureType.Active);
    }

    void IHttpCheckHandler.OnReset()
    {
        _client = null;
        Fail(HealthCheckFailureType.Network);
    }

    void IHttpCheckHandler.OnClosed() => _client = null;
}
