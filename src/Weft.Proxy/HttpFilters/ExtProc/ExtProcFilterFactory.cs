using Envoy.Extensions.Filters.Http.ExtProc.V3;
using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.ExtProc;

/// <summary>Makes filters that show messages to a processor, which may change them (envoy.filters.http.ext_proc).</summary>
internal sealed class ExtProcFilterFactory : HttpFilterFactory
{
    public required ExtProcConfig Config { get; init; }

    public required ExtProcStats Stats { get; init; }

    /// <summary>It stands between an attempt and its connection, when the route is long chosen.</summary>
    public bool IsUpstream { get; init; }

    public static ExtProcFilterFactory? Create(string name, ExternalProcessor config, string statPrefix, FactoryContext context)
    {
        if (ExtProcConfig.Create(config, context) is not { } compiled) return null;
        var scope = context.Stats.Scope($"{context.HttpFilterPrefix(statPrefix)}ext_proc.{FactoryContext.OwnPrefix(config.StatPrefix)}");
        return new ExtProcFilterFactory { Name = name, Config = compiled, Stats = new ExtProcStats(scope), IsUpstream = context.UpstreamFilterPrefix is not null };
    }

    public override HttpFilter Create(Worker worker) => new ExtProcFilter(this, worker);
}

/// <summary>What the filter counts.</summary>
internal sealed class ExtProcStats(StatsScope scope)
{
    public Counter StreamsStarted { get; } = scope.Counter("streams_started");

    public Counter MessagesSent { get; } = scope.Counter("stream_msgs_sent");

    public Counter MessagesReceived { get; } = scope.Counter("stream_msgs_received");

    public Counter SpuriousMessages { get; } = scope.Counter("spurious_msgs_received");

    public Counter StreamsClosed { get; } = scope.Counter("streams_closed");

    public Counter StreamsFailed { get; } = scope.Counter("streams_failed");

    public Counter FailureModeAllowed { get; } = scope.Counter("failure_mode_allowed");

    public Counter MessageTimeouts { get; } = scope.Counter("message_timeouts");

    public Counter RejectedHeaderMutations { get; } = scope.Counter("rejected_header_mutations");

    public Counter TimeoutsOverridden { get; } = scope.Counter("override_message_timeout_received");

    public Counter TimeoutsNotOverridden { get; } = scope.Counter("override_message_timeout_ignored");

    public Counter ClearRouteCacheIgnored { get; } = scope.Counter("clear_route_cache_ignored");

    public Counter ClearRouteCacheDisabled { get; } = scope.Counter("clear_route_cache_disabled");

    public Counter ClearRouteCacheUpstreamIgnored { get; } = scope.Counter("clear_route_cache_upstream_ignored");
}
