using Envoy.Config.Core.V3;
using Weft.Base;
using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.XdsClient.Grpc;

/// <summary>How long to wait before the next attempt to reach a management server: up to a limit that doubles with every failure, fully jittered.</summary>
/// <param name="baseMs">retry_back_off.base_interval; default 500.</param>
/// <param name="maxMs">retry_back_off.max_interval; default 30,000.</param>
internal sealed class ReconnectDelay(RandomSource random, long baseMs = ReconnectDelay.DefaultBaseMs, long maxMs = ReconnectDelay.DefaultMaxMs)
{
    public const long DefaultBaseMs = 500;
    public const long DefaultMaxMs = 30_000;

    private const int MaxDoublings = 20;

    private int _failures;

    /// <summary>What the service's retry_policy says.</summary>
    public static ReconnectDelay Of(GrpcService service, FactoryContext context)
    {
        var policy = service.EnvoyGrpc?.RetryPolicy;
        if (policy?.NumRetries is not null)
            context.Config.Note(policy, "num_retries", "a lost stream is opened again without limit");
        var backOff = policy?.RetryBackOff;
        var baseMs = (backOff?.BaseInterval).ToMs(DefaultBaseMs);
        return new ReconnectDelay(context.Random, baseMs, (backOff?.MaxInterval).ToMs(Math.Max(DefaultMaxMs, baseMs)));
    }

    public long NextMs()
    {
        var limitMs = Math.Min(maxMs, baseMs << _failures);
        _failures = Math.Min(_failures + 1, MaxDoublings);
        return random.Next((uint)Math.Clamp(limitMs, 1, int.MaxValue)) + 1;
    }

    /// <summary>The server has answered.</summary>
    public void Reset() => _failures = 0;
}
