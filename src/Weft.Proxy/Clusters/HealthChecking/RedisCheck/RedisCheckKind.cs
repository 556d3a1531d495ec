using System.Text;
using Envoy.Data.Core.V3;
using Weft.Base.Stats;
using RedisMessage = Envoy.Extensions.HealthCheckers.Redis.V3.Redis;

namespace Weft.Proxy.Clusters.HealthChecking.RedisCheck;

/// <summary>A check that asks a Redis server PING, or whether a key is absent (a key that marks the server as down). Immutable.</summary>
internal sealed class RedisCheckKind : HealthCheckKind
{
    private readonly bool _isExists;
    private readonly Counter _existsFailure;

    /// <param name="stats">The scope <c>cluster.NAME.</c></param>
    public RedisCheckKind(RedisMessage config, StatsScope stats)
    {
        _isExists = config.Key.Length > 0;
        _existsFailure = stats.Counter("health_check.redis.exists_failure");
        Request = Encoding.UTF8.GetBytes(_isExists
            ? $"*2\r\n$6\r\nEXISTS\r\n${Encoding.UTF8.GetByteCount(config.Key)}\r\n{config.Key}\r\n"
            : "*1\r\n$4\r\nPING\r\n");
    }

    public override HealthCheckerType Type => HealthCheckerType.Redis;

    /// <summary>The command in Redis's protocol.</summary>
    public byte[] Request { get; }

    /// <summary>Whether the first line of an answer, without its end, is a good one.</summary>
    public bool IsHealthy(ReadOnlySpan<byte> line)
    {
        // A member of a Redis cluster that sends us elsewhere is alive.
        if (line.StartsWith("-MOVED "u8) || line.StartsWith("-ASK "u8))
            return true;
        if (!_isExists)
            return line.SequenceEqual("+PONG"u8);
        if (line.SequenceEqual(":0"u8))
            return true;
        _existsFailure.Inc();
        return false;
    }

    public override HealthCheckSession CreateSession(HealthChecker checker, Endpoint endpoint) => new RedisCheckSession(this, checker, endpoint);
}
