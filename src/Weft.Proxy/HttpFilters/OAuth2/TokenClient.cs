using System.Text;
using Weft.Base.Buffers;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.HttpFilters.Router;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.OAuth2;

/// <summary>Waits for tokens; on the worker that asked.</summary>
internal interface ITokenReceiver
{
    void OnGranted(TokenGrant grant);

    /// <summary>The token endpoint was not reached, or said no.</summary>
    /// <param name="status">Of its answer, or of what the proxy made up in its place.</param>
    /// <param name="text">The body.</param>
    void OnRefused(int status, string text);

    /// <summary>There is no token endpoint, or nobody understands what it says.</summary>
    void OnUnusable(string details);
}

/// <summary>Asks the token endpoint, again where the policy says so. One request at a time; one worker.</summary>
internal sealed class TokenClient : IClusterCallHandler
{
    private const int MaxResponseBytes = 1024 * 1024;
    private const string TimeoutText = "upstream request timeout";

    private readonly TokenEndpoint _endpoint;
    private readonly long _defaultExpiresInSeconds;
    private readonly Worker _worker;
    private readonly ITokenReceiver _receiver;
    private readonly ClusterCall _call;

    /// <param name="receiver">Hears how it went, possibly from within <see cref="Send"/>.</param>
    public TokenClient(OAuth2FilterConfig config, Worker worker, ITokenReceiver receiver)
    {
        (_endpoint, _defaultExpiresInSeconds, _worker, _receiver) = (config.Tokens, config.ExpiresInSeconds, worker, receiver);
        _call = new ClusterCall(worker, this) { MaxResponseBytes = MaxResponseBytes, Policy = _endpoint.Retries };
    }

    /// <summary>What is to be sent: fill it, then <see cref="Send"/>.</summary>
    public ByteWriter Body => _call.Body;

    public void Send()
    {
        // It may have come, been replaced or gone since the last request.
        if (_worker.Clusters.Find(_endpoint.Cluster) is not { } cluster)
        {
            Body.Clear();
            _receiver.OnUnusable("Token endpoint cluster not found");
            return;
        }

        _endpoint.WriteHead(_call.Headers);
        _call.Send(cluster, _endpoint.TimeoutMs);
    }

    /// <summary>Gives up; the receiver hears nothing more.</summary>
    public void Cancel() => _call.Cancel();

    void IClusterCallHandler.OnCallEnd(ClusterCall call, int status)
    {
        if (status == 200) Take(call.ResponseBody);
        else if (status > 0) _receiver.OnRefused(status, DetailText.Of(call.ResponseBody));
        else if (call.Failure is { } reason) _receiver.OnRefused(UpstreamFailure.StatusOf(reason), Encoding.UTF8.GetString(UpstreamFailure.BodyOf(reason, call.TransportFailure, call.Attempts > 1)));
        else _receiver.OnRefused(504, TimeoutText);
    }

    private void Take(ReadOnlySpan<byte> answer)
    {
        var fault = TokenGrant.Parse(answer, _defaultExpiresInSeconds, out var grant);
        if (grant is null) _receiver.OnUnusable(fault!);
        else _receiver.OnGranted(grant);
    }
}
