using Weft.Base.Stats;

namespace Weft.Proxy.Stats;

/// <summary>The statistics <c>listener.ADDRESS.http.PREFIX.*</c>: the responses of a connection manager to one listener's requests. Any worker.</summary>
internal sealed class ListenerHttpStats(StatsScope scope)
{
    private readonly Counter _completed = scope.Counter("downstream_rq_completed");

    /// <summary>By the first digit of the status, from 1 on.</summary>
    private readonly Counter[] _classes =
    [
        scope.Counter("downstream_rq_1xx"),
        scope.Counter("downstream_rq_2xx"),
        scope.Counter("downstream_rq_3xx"),
        scope.Counter("downstream_rq_4xx"),
        scope.Counter("downstream_rq_5xx"),
    ];

    /// <param name="status">100 to 599.</param>
    public void ChargeResponse(int status)
    {
        _completed.Inc();
        _classes[(status / 100) - 1].Inc();
    }
}
