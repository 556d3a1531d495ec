using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;
using FilterMessage = Envoy.Extensions.Filters.Http.ExtAuthz.V3.ExtAuthz;

namespace Weft.Proxy.HttpFilters.ExtAuthz;

/// <summary>What is counted below a cluster's names.</summary>
internal enum AuthzCounter { Ok, Denied, Error, Invalid, FailureModeAllowed }

/// <summary>Makes filters that ask an authorization service about requests (envoy.filters.http.ext_authz).</summary>
internal sealed class ExtAuthzFilterFactory : HttpFilterFactory
{
    public required ExtAuthzConfig Config { get; init; }

    public required RuntimeLayers Runtime { get; init; }

    public required ExtAuthzStats Stats { get; init; }

    /// <summary>In the order of <see cref="AuthzCounter"/>.</summary>
    public required ClusterCounters Counters { get; init; }

    public static ExtAuthzFilterFactory? Create(string name, FilterMessage config, string statPrefix, FactoryContext context)
    {
        if (ExtAuthzConfig.Create(config, context) is not { } compiled) return null;
        var prefix = config.StatPrefix.Length > 0 ? $"ext_authz.{config.StatPrefix}." : "ext_authz.";
        return new ExtAuthzFilterFactory
        {
            Name = name,
            Config = compiled,
            Runtime = context.Runtime,
            Stats = new ExtAuthzStats(context.Stats.Scope($"http.{statPrefix}.{prefix}")),
            Counters = new ClusterCounters(context.MainLoop, prefix, "ok", "denied", "error", "invalid", "failure_mode_allowed"),
        };
    }

    public override HttpFilter Create(Worker worker) => new ExtAuthzFilter(this, worker);
}

/// <summary>What the filter counts for its connection manager.</summary>
internal sealed class ExtAuthzStats(StatsScope scope)
{
    public Counter Ok { get; } = scope.Counter("ok");

    public Counter Denied { get; } = scope.Counter("denied");

    public Counter Error { get; } = scope.Counter("error");

    public Counter Disabled { get; } = scope.Counter("disabled");

    public Counter FailureModeAllowed { get; } = scope.Counter("failure_mode_allowed");

    public Counter Invalid { get; } = scope.Counter("invalid");

    public Counter IgnoredDynamicMetadata { get; } = scope.Counter("ignored_dynamic_metadata");

    /// <summary>Always 0: nothing is left in the filter state, so that no other filter's value stands there.</summary>
    public Counter FilterStateNameCollision { get; } = scope.Counter("filter_state_name_collision");
}
