using System.Text;
using Weft.Base.Buffers;
using Weft.Net;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.HttpFilters.Router;
using Weft.Proxy.HttpFilters.Router.Retries;
using Weft.Proxy.Runtime;
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
    private readonly RuntimeLayers _runtime;
    private readonly Worker _worker;
    private readonly ITokenReceiver _receiver;
    private readonly ClusterCall _call;
    private readonly RetryState _retries;
    private readonly LoopTimer _deadline;
    private int _attempts;

    /// <param name="receiver">Hears how it went, possibly from within <see cref="Send"/>.</param>
    public TokenClient(OAuth2FilterConfig config, RuntimeLayers runtime, Worker worker, ITokenReceiver receiver)
    {
        (_endpoint, _defaultExpiresInSeconds, _runtime, _worker, _receiver) = (config.Tokens, config.ExpiresInSeconds, runtime, worker, receiver);
        _call = new ClusterCall(worker, this) { MaxResponseBytes = MaxResponseBytes };
        _retries = new RetryState(worker.Loop, worker.Random, Attempt);
        _deadline = new LoopTimer(worker.Loop, OnDeadline);
    }

    /// <summary>What is to be sent: fill it, then <see cref="Send"/>.</summary>
    public ByteWriter Body { get; } = new();

    public void Send()
    {
        if (_endpoint.Retries is { } policy && _worker.Clusters.Find(_endpoint.Cluster) is { } cluster)
        {
            _retries.Begin(policy, _call.Headers, cluster.Config, priority: 0, _runtime.Current);
            if (_endpoint.TimeoutMs > 0) _deadline.Arm(_endpoint.TimeoutMs);
        }

        Attempt();
    }

    /// <summary>Gives up; the receiver hears nothing more.</summary>
    public void Cancel()
    {
        _call.Cancel();
        End();
    }

    void IClusterCallHandler.OnCallEnd(ClusterCall call, int status)
    {
        if (_endpoint.Retries is not null && Judge(call, status) == RetryVerdict.Yes) return;
        var isRetried = _attempts > 1;
        End();
        if (status == 200) Take(call.ResponseBody);
        else if (status > 0) _receiver.OnRefused(status, DetailText.Of(call.ResponseBody));
        else if (call.Failure is { } reason) _receiver.OnRefused(UpstreamFailure.StatusOf(reason), Encoding.UTF8.GetString(UpstreamFailure.BodyOf(reason, call.TransportFailure, isRetried)));
        else _receiver.OnRefused(504, TimeoutText);
    }

    private void Take(ReadOnlySpan<byte> answer)
    {
        var fault = TokenGrant.Parse(answer, _defaultExpiresInSeconds, out var grant);
        if (grant is null) _receiver.OnUnusable(fault!);
        else _receiver.OnGranted(grant);
    }

    private void Attempt()
    {
        // It may have come, been replaced or gone since the last attempt.
        if (_worker.Clusters.Find(_endpoint.Cluster) is not { } cluster)
        {
            End();
            _receiver.OnUnusable("Token endpoint cluster not found");
            return;
        }

        _attempts++;
        _endpoint.WriteHead(_call.Headers);
        _call.Body.Write(Body.Written);
        _call.Send(cluster, _endpoint.Retries?.PerTryTimeoutMs ?? _endpoint.TimeoutMs);
    }

    private RetryVerdict Judge(ClusterCall call, int status) =>
        status == 0 ? _retries.OnReset(call.Failure ?? ResetReason.LocalReset, requestStarted: true) : _retries.OnResponse(call.ResponseHeaders);

    private void OnDeadline()
    {
        _worker.Clusters.Find(_endpoint.Cluster)?.Config.Stats.UpstreamRqTimeout.Inc();
        Cancel();
        _receiver.OnRefused(504, TimeoutText);
    }

    /// <summary>Ready for another.</summary>
    private void End()
    {
        _retries.End();
        _deadline.Cancel();
        Body.Clear();
        _attempts = 0;
    }
}
