using Weft.Proxy.Bootstrap;
using Weft.Proxy.Runtime;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>
/// slow_start_config: an endpoint that has just come, or has just passed its health check again, begins with part of its
/// weight and grows into the whole of it within the window. Immutable; the times are kept in the endpoints.
/// </summary>
public sealed record SlowStart
{
    /// <summary>slow_start_window; above 0.</summary>
    public required long WindowMs { get; init; }

    /// <summary>aggression; default 1: linear; above 1 faster at first.</summary>
    public double Aggression { get; init; } = 1.0;

    /// <summary>Overrides <see cref="Aggression"/> at run time; "" when none is given.</summary>
    public string AggressionKey { get; init; } = "";

    /// <summary>min_weight_percent / 100; default 0.1: never less than that part of the weight.</summary>
    public double MinFactor { get; init; } = 0.1;

    /// <summary>Monotonic milliseconds, the same on all threads; above 0.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Null when the window is 0: nothing starts slowly.</summary>
    internal static SlowStart? Of(Google.Protobuf.WellKnownTypes.Duration? window, Envoy.Config.Core.V3.RuntimeDouble? aggression, Envoy.Type.V3.Percent? minWeight) =>
        window.ToMs(0) == 0 ? null : new SlowStart
        {
            WindowMs = window.ToMs(0),
            Aggression = aggression?.DefaultValue ?? 1.0,
            AggressionKey = aggression?.RuntimeKey ?? "",
            MinFactor = (minWeight?.Value ?? 10) / 100.0,
        };

    /// <summary>With what runtime says now; a value that makes no sense counts as 1.</summary>
    internal SlowStart With(RuntimeSnapshot runtime)
    {
        var aggression = AggressionKey.Length == 0 ? Aggression : runtime.GetDouble(AggressionKey, Aggression);
        return this with { Aggression = aggression > 0 ? aggression : 1.0 };
    }

    /// <summary>Notes when endpoints become healthy: those that are new, and those that had failed their health check. Main thread, with each snapshot.</summary>
    /// <returns>Whether any is within its window.</returns>
    internal bool Begin(EndpointsSnapshot endpoints)
    {
        var now = NowMs;
        var isStarting = false;
        foreach (var priority in endpoints.Priorities)
        {
            foreach (var endpoint in priority.All)
            {
                if ((endpoint.HealthFlags & EndpointHealthFlags.FailedActiveHc) != 0)
                    endpoint.HealthySinceMs = 0;
                else if (endpoint.HealthySinceMs == 0 && endpoint.Health == EndpointHealth.Healthy)
                    endpoint.HealthySinceMs = now;
                isStarting |= endpoint.HealthySinceMs > 0 && now - endpoint.HealthySinceMs <= WindowMs;
            }
        }
        return isStarting;
    }

    /// <summary>The part of its weight that an endpoint has now. Any thread.</summary>
    internal double FactorOf(Endpoint endpoint)
    {
        var since = endpoint.HealthySinceMs;
        if (since == 0 || endpoint.Health != EndpointHealth.Healthy)
            return 1.0;
        var passed = NowMs - since;
        if (passed >= WindowMs)
            return 1.0;
        var time = Math.Max(1, passed) / (double)WindowMs;
        return Math.Max(Aggression == 1.0 ? time : Math.Pow(time, 1.0 / Aggression), MinFactor);
    }

    private long NowMs => 1 + Time.GetTimestamp() / (Time.TimestampFrequency / 1000);
}
