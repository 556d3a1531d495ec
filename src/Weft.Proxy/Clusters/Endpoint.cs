using Weft.Base.Stats;
using Weft.Net;
using Weft.Proxy.Clusters.HealthChecking;
using Weft.Proxy.Clusters.LoadBalancing.FullScan;
using Weft.Proxy.Clusters.OutlierDetection;

namespace Weft.Proxy.Clusters;

/// <summary>
/// One upstream host, shared by all workers. What is configured never changes; health and counts are atomics. A changed
/// address is another endpoint, but for the one of a LOGICAL_DNS cluster, whose identity is its name: see <see cref="MoveTo"/>.
/// </summary>
public sealed class Endpoint
{
    private Location _location = new(default, null);
    private NetAddress[] _additionalAddresses = [];
    private HealthCheckSession? _healthCheckSession;
    private OutlierMonitor? _outlierMonitor;
    private int _healthFlags;
    private bool _isRemoved;
    private long _healthySinceMs;
    private ActiveCountPlace? _activePlace;
    private int _activeRequests;
    private bool _wasPicked;

    /// <summary>Active requests over all workers (LEAST_REQUEST, /clusters rq_active). Interlocked.</summary>
    public ref int ActiveRequests
    {
        get
        {
            if (_activePlace is { } place)
                return ref place.Block[place.Index];
            return ref _activeRequests;
        }
    }

    /// <summary>Where it counts them beside those of its cluster; null: by itself. Set before workers see the endpoint.</summary>
    internal ActiveCountPlace? ActivePlace => _activePlace;

    /// <summary>Where new connections go. Any thread.</summary>
    public required NetAddress Address
    {
        get => Volatile.Read(ref _location).Address;
        init => _location = new Location(value, _location.Given);
    }

    /// <summary>additional_addresses: tried while <see cref="Address"/> does not answer (Happy Eyeballs). Set on the main thread; any thread.</summary>
    public NetAddress[] AdditionalAddresses
    {
        get => Volatile.Read(ref _additionalAddresses);
        set => Volatile.Write(ref _additionalAddresses, value);
    }

    /// <summary>The address as text, made when it is first asked for.</summary>
    public string AddressText
    {
        get => Volatile.Read(ref _location).Text;
        init => _location = new Location(_location.Address, value);
    }

    /// <summary>Endpoint.hostname or the DNS name it came from; "" when there is none.</summary>
    public required string Hostname { get; init; }

    /// <summary>At least 1. Changes by <see cref="Reconfigure"/> only, on the main thread; any thread may read.</summary>
    public uint Weight { get; internal set; } = 1;

    /// <summary>Changes on the main thread, when discovery says so; which endpoints a priority has workers know by their snapshot. Any thread may read.</summary>
    public int Priority { get; internal set; }

    public string Region { get; init; } = "";

    public string Zone { get; init; } = "";

    public string SubZone { get; init; } = "";

    /// <summary>Region, zone and sub-zone together.</summary>
    public EndpointLocality Locality => new(Region, Zone, SubZone);

    public Envoy.Config.Core.V3.Metadata? Metadata { get; internal set; }

    /// <summary>Of its locality. Changes on the main thread; any thread may read.</summary>
    public Envoy.Config.Core.V3.Metadata? LocalityMetadata { get; internal set; }

    /// <summary>Another number with each change of weight or metadata. Main thread.</summary>
    internal int Revision { get; private set; }

    public required EndpointStats Stats { get; init; }

    /// <summary>What counts its responses by zone; null when its zone or the proxy's is unknown. Set before workers see the endpoint; any thread.</summary>
    internal ResponseCounts? ZoneCounts { get; set; }

    /// <summary>How it wants to be checked.</summary>
    public EndpointHealthCheck HealthCheck { get; init; } = EndpointHealthCheck.Default;

    /// <summary>Its active checks; null when it has none. Set by the main thread.</summary>
    internal HealthCheckSession? HealthCheckSession
    {
        get => Volatile.Read(ref _healthCheckSession);
        set => Volatile.Write(ref _healthCheckSession, value);
    }

    /// <summary>Takes reports of how requests to it went; null without outlier detection. Set before workers see the endpoint; any thread.</summary>
    public OutlierMonitor? OutlierMonitor
    {
        get => Volatile.Read(ref _outlierMonitor);
        internal set => Volatile.Write(ref _outlierMonitor, value);
    }

    /// <summary>Why it may not be used, or only when needed: configured status, health checks, outlier detection. Any thread.</summary>
    public EndpointHealthFlags HealthFlags
    {
        get => (EndpointHealthFlags)Volatile.Read(ref _healthFlags);
        init => _healthFlags = (int)value;
    }

    /// <summary>The state that <see cref="HealthFlags"/> amount to. Any thread.</summary>
    public EndpointHealth Health => HealthFlags.ToHealth();

    /// <summary>The cluster no longer has it: pools to it drain. Any thread.</summary>
    public bool IsRemoved
    {
        get => Volatile.Read(ref _isRemoved);
        internal set => Volatile.Write(ref _isRemoved, value);
    }

    /// <summary>ORIGINAL_DST: a request went there since the last clean-up. Any thread.</summary>
    internal bool WasPicked
    {
        get => Volatile.Read(ref _wasPicked);
        set => Volatile.Write(ref _wasPicked, value);
    }

    /// <summary>When it became healthy, for slow start; 0: it is not, or nobody asks. Set on the main thread, read on any.</summary>
    internal long HealthySinceMs
    {
        get => Volatile.Read(ref _healthySinceMs);
        set => Volatile.Write(ref _healthySinceMs, value);
    }

    /// <summary>Counts its requests beside those of its cluster from now on. Main thread, before workers see it.</summary>
    internal void CountIn(ActiveCounts counts) => _activePlace ??= counts.Take();

    /// <summary>It is gone, and nothing counts in it any more: gives back what it owns. Main thread.</summary>
    internal void Release()
    {
        Stats.Dispose();
        if (_activePlace is not { } place)
            return;
        _activePlace = null;
        place.Owner.Return(place);
    }

    /// <summary>Sets flags; load balancers see it with the next snapshot (<see cref="Cluster.OnHealthChanged"/>). Any thread.</summary>
    public void SetHealthFlags(EndpointHealthFlags flags) => Interlocked.Or(ref _healthFlags, (int)flags);

    /// <summary>Clears flags; load balancers see it with the next snapshot (<see cref="Cluster.OnHealthChanged"/>). Any thread.</summary>
    public void ClearHealthFlags(EndpointHealthFlags flags) => Interlocked.And(ref _healthFlags, ~(int)flags);

    /// <summary>Takes over what discovery says of an endpoint that stays; a snapshot follows. Main thread.</summary>
    internal void Reconfigure(uint weight, Envoy.Config.Core.V3.Metadata? metadata, EndpointHealthFlags discovered)
    {
        ClearHealthFlags(EndpointHealthFlagsExtensions.Discovered & ~discovered);
        SetHealthFlags(discovered);
        if (weight == Weight && Equals(metadata, Metadata))
            return;
        (Weight, Metadata) = (weight, metadata);
        Revision++;
    }

    /// <summary>A response of the endpoint says that it fails (x-envoy-immediate-health-check-fail); without active checks nobody could find it well again, so nothing happens then. Any thread.</summary>
    public void FailHealthCheck() => HealthCheckSession?.FailImmediately();

    /// <summary>
    /// Sends new connections to another address, while those that exist live on in the same pools (LOGICAL_DNS: a name
    /// whose address changes with every answer must not cost a reconnection each time). Main thread.
    /// </summary>
    internal void MoveTo(NetAddress address) => Volatile.Write(ref _location, new Location(address, null));

    public override string ToString() => AddressText;

    /// <summary>Address and text, replaced together.</summary>
    private sealed class Location(NetAddress address, string? given)
    {
        private string? _text = given;

        public NetAddress Address => address;

        public string? Given => _text;

        public string Text => _text ??= address.ToString();
    }
}

public enum EndpointHealth : byte
{
    Healthy,

    /// <summary>Used only as far as healthy ones do not suffice.</summary>
    Degraded,
    Unhealthy,
}

/// <summary>Per-endpoint numbers that /clusters prints. They have no names of their own in the statistics.</summary>
public sealed class EndpointStats : IDisposable
{
    private const int Count = 7;

    private UnlistedCells _cells;

    public Counter CxTotal => _cells.Counter(0);
    public Gauge CxActive => _cells.Gauge(1);
    public Counter CxConnectFail => _cells.Counter(2);
    public Counter RqTotal => _cells.Counter(3);
    public Counter RqSuccess => _cells.Counter(4);
    public Counter RqError => _cells.Counter(5);
    public Counter RqTimeout => _cells.Counter(6);

    /// <summary>The numbers of a new endpoint. Main thread.</summary>
    public static EndpointStats Create(StatsStore store) => new() { _cells = store.TakeUnlisted(Count) };

    /// <summary>The cells were given back.</summary>
    internal bool IsDisposed { get; private set; }

    /// <summary>Gives the cells back, once nothing counts in them any more. Main thread.</summary>
    public void Dispose()
    {
        if (!IsDisposed)
            _cells.Return();
        IsDisposed = true;
    }
}
