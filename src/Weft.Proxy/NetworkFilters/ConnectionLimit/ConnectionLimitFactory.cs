using Envoy.Config.Core.V3;
using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;
using Message = Envoy.Extensions.Filters.Network.ConnectionLimit.V3.ConnectionLimit;

namespace Weft.Proxy.NetworkFilters.ConnectionLimit;

/// <summary>A connection_limit filter as configured, with its count, which all workers share, and <c>connection_limit.PREFIX.*</c>.</summary>
internal sealed class ConnectionLimitFactory : NetworkFilterFactory
{
    private readonly RuntimeFeatureFlag? _enabled;
    private readonly RuntimeLayers _runtime;
    private readonly long _max;
    private long _open;

    public ConnectionLimitFactory(Message config, FactoryContext context)
    {
        _enabled = config.RuntimeEnabled;
        _runtime = context.Runtime;
        _max = (long)Math.Min(config.MaxConnections ?? long.MaxValue, long.MaxValue);
        DelayMs = config.Delay.ToMs(0);
        var scope = context.Stats.Scope($"connection_limit.{config.StatPrefix}.");
        Active = scope.Gauge("active_connections");
        Limited = scope.Counter("limited_connections");
    }

    public override bool IsTerminal => false;

    public long DelayMs { get; }

    public Gauge Active { get; }

    public Counter Limited { get; }

    public bool IsEnabled => _enabled is null || _runtime.Current.GetBool(_enabled.RuntimeKey, _enabled.DefaultValue ?? true);

    public override NetworkFilter Create(Worker worker) => new ConnectionLimitFilter(this, worker);

    /// <summary>Counts a connection; false when it is one too many. Either way <see cref="Release"/> follows. Any thread.</summary>
    internal bool TryAcquire() => Interlocked.Increment(ref _open) <= _max;

    internal void Release() => Interlocked.Decrement(ref _open);
}
