using Envoy.Service.Ratelimit.V3;
using Google.Protobuf;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Workers;

namespace Weft.Proxy.RateLimiting;

/// <summary>
/// A question to a rate limit service. One at a time, then usable again; one worker. Messages are made for it: what it allocates is little beside a
/// question over the network.
/// </summary>
internal sealed class RateLimitCall : IGrpcUnaryHandler
{
    private readonly RateLimitService _service;
    private readonly IRateLimitHandler _handler;
    private readonly GrpcUnaryCall _call;

    public RateLimitCall(RateLimitService service, Worker worker, IRateLimitHandler handler)
    {
        (_service, _handler) = (service, handler);
        _call = new GrpcUnaryCall(service.Target, worker, this);
    }

    /// <summary>Tells a service of a request; its answer does not matter.</summary>
    public static void Tell(RateLimitService service, Worker worker, RateLimitRequest request) => new RateLimitCall(service, worker, Nobody.Instance).Start(request);

    public bool IsActive => _call.IsActive;

    /// <summary>Asks; the handler hears the answer, possibly from within this call.</summary>
    public void Start(RateLimitRequest request) => _call.Start(request, _service.TimeoutMs);

    /// <summary>The answer is not wanted any more.</summary>
    public void Cancel() => _call.Cancel();

    void IGrpcUnaryHandler.OnUnaryEnd(int status, ReadOnlySpan<byte> message)
    {
        if (status != 0 || TryParse(message) is not { } response)
            _handler.OnRateLimit(RateLimitAnswer.Error, null);
        else
            _handler.OnRateLimit(response.OverallCode == RateLimitResponse.Types.Code.OverLimit ? RateLimitAnswer.OverLimit : RateLimitAnswer.Ok, response);
    }

    private sealed class Nobody : IRateLimitHandler
    {
        public static readonly Nobody Instance = new();

        public void OnRateLimit(RateLimitAnswer answer, RateLimitResponse? response)
        {
        }
    }

    private static RateLimitResponse? TryParse(ReadOnlySpan<byte> message)
    {
        try
        {
            return RateLimitResponse.Parser.ParseFrom(message);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }
}
