namespace Weft.Proxy.Bootstrap;

/// <summary>Where a proxy is in its life; the numbers are those of the <c>server.state</c> statistic.</summary>
public enum ServerState
{
    /// <summary>Everything works.</summary>
    Live = 0,

    /// <summary>Health checks fail, by request or because the proxy is ending.</summary>
    Draining = 1,

    /// <summary>Clusters are being initialised.</summary>
    PreInitializing = 2,

    /// <summary>Clusters are initialised; listeners are being.</summary>
    Initializing = 3,
}

/// <summary>The state of a proxy, as <c>/ready</c>, <c>/server_info</c> and health checks tell it. Written by the main thread; any thread reads.</summary>
public sealed class ServerStatus(TimeProvider clock)
{
    private volatile ServerState _initialization = ServerState.PreInitializing;
    private volatile bool _healthCheckFailed;
    private DateTimeOffset? _firstStartedAt;

    public ServerStatus()
        : this(TimeProvider.System)
    {
    }

    /// <summary>When the proxy was made.</summary>
    public DateTimeOffset StartedAt { get; } = clock.GetUtcNow();

    /// <summary>Whole seconds since <see cref="StartedAt"/>.</summary>
    public long UptimeSeconds => (long)(clock.GetUtcNow() - StartedAt).TotalSeconds;

    /// <summary>When the first of the processes began that took over from each other; without hot restart <see cref="StartedAt"/>. Set before any other thread runs.</summary>
    public DateTimeOffset FirstStartedAt { get => _firstStartedAt ?? StartedAt; internal set => _firstStartedAt = value; }

    /// <summary>Whole seconds since <see cref="FirstStartedAt"/>.</summary>
    public long UptimeOfAllSeconds => (long)(clock.GetUtcNow() - FirstStartedAt).TotalSeconds;

    public ServerState State => _initialization == ServerState.Live && _healthCheckFailed ? ServerState.Draining : _initialization;

    /// <summary>True from <c>/healthcheck/fail</c>, or a graceful stop, until <c>/healthcheck/ok</c>: the health check filter answers 503 and responses ask for closing.</summary>
    public bool HealthCheckFailed { get => _healthCheckFailed; set => _healthCheckFailed = value; }

    /// <summary>True once initialisation is over.</summary>
    public bool IsInitialized => _initialization == ServerState.Live;

    /// <summary>Main thread.</summary>
    internal void Advance(ServerState initialization) => _initialization = initialization;

    /// <summary>The state's name in the API, for example <c>PRE_INITIALIZING</c>.</summary>
    public static string Name(ServerState state) => state switch
    {
        ServerState.Live => "LIVE",
        ServerState.Draining => "DRAINING",
        ServerState.PreInitializing => "PRE_INITIALIZING",
        _ => "INITIALIZING",
    };
}
