using Envoy.Data.Core.V3;
using Weft.Http;

namespace Weft.Proxy.Clusters.HealthChecking.HttpCheck;

/// <summary>The HTTP checks of one endpoint. Main thread.</summary>
internal sealed class HttpCheckSession(HttpCheckKind kind, HealthChecker checker, Endpoint endpoint) : HealthCheckSession(checker, endpoint), IHttpCheckHandler
{
    private readonly HeaderMap _request = new();
    private HttpCheckClient? _client;

    int IHttpCheckHandler.MaxBodyBytes =>
        kind.Receive.IsEmpty ? 0 : kind.ResponseBufferBytes == 0 ? int.MaxValue : (int)Math.Min(kind.ResponseBufferBytes, int.MaxValue);

    protected override void BeginCheck()
    {
        if (_client is { CanSend: false })
            Abandon();
        _client ??= Checker.ConnectHttp(Endpoint, this);
        kind.WriteRequest(_request, Endpoint, Checker);
        _client.Send(_request, kind.Payload);
    }

    protected override void Abandon()
    {
        var client = _client;
        _client = null;
        client?.Close();
    }

    void IHttpCheckHandler.OnResponse(HeaderMap headers, ReadOnlySpan<byte> body, HeaderMap? trailers, bool canReuse)
    {
        if (!canReuse || !Config.ReuseConnection)
            Abandon();
        var status = headers.Status;
        var isExpected = kind.Expected.Contains(status);
        var isAnswer = kind.Receive.IsMatch(body);
        if (isExpected && isAnswer && IsRightService(headers))
        {
            Succeed(headers.Has(KnownHeader.XEnvoyDegraded));
            return;
        }

        var asksForNone = (!isAnswer || !isExpected) && headers.Has(KnownHeader.XEnvoyImmediateHealthCheckFail);
        if (asksForNone)
            Endpoint.SetHealthFlags(EndpointHealthFlags.ExcludedViaImmediateHcFail);
        Fail(HealthCheckFailureType.Active, isRetriable: isAnswer && !isExpected && kind.Retriable.Contains(status));
    }

    void IHttpCheckHandler.OnReset()
    {
        _client = null;
        Fail(HealthCheckFailureType.Network);
    }

    void IHttpCheckHandler.OnClosed() => _client = null;

    /// <summary>An address that was given to another service since answers in its name.</summary>
    private bool IsRightService(HeaderMap headers)
    {
        if (kind.ServiceName is not { } matcher || Checker.Runtime.GetInteger("health_check.verify_cluster", 100) <= Checker.Random.Next(100))
            return true;
        Checker.Stats.VerifyCluster.Inc();
        return matcher.IsMatch(headers.Get(KnownHeader.XEnvoyUpstreamHealthCheckedCluster));
    }
}
