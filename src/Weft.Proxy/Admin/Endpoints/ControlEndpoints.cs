using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.Admin.Endpoints;

/// <summary><c>/quitquitquit</c>: ends the proxy.</summary>
internal sealed class QuitEndpoint : AdminEndpoint
{
    private readonly IServerControl _control;

    public QuitEndpoint(IServerControl control)
        : base("/quitquitquit", "exit the server")
    {
        _control = control;
        Mutates = true;
    }

    public override void Handle(AdminRequest request, AdminResponse response)
    {
        _control.Shutdown();
        response.Body.Write("OK\n");
    }
}

/// <summary><c>/healthcheck/fail</c> and <c>/healthcheck/ok</c>.</summary>
internal sealed class HealthCheckEndpoint : AdminEndpoint
{
    private readonly IServerControl _control;
    private readonly bool _fail;

    public HealthCheckEndpoint(IServerControl control, bool fail)
        : base(fail ? "/healthcheck/fail" : "/healthcheck/ok", fail ? "cause the server to fail health checks" : "cause the server to pass health checks")
    {
        (_control, _fail) = (control, fail);
        Mutates = true;
    }

    public override void Handle(AdminRequest request, AdminResponse response)
    {
        _control.FailHealthCheck(_fail);
        response.Body.Write("OK\n");
    }
}

/// <summary><c>/reopen_logs</c>: closes and opens every log file, after rotation.</summary>
internal sealed class ReopenLogsEndpoint : AdminEndpoint
{
    private readonly IServerControl _control;

    public ReopenLogsEndpoint(IServerControl control)
        : base("/reopen_logs", "reopen access logs")
    {
        _control = control;
        Mutates = true;
    }

    public override void Handle(AdminRequest request, AdminResponse response)
    {
        _control.ReopenLogs();
        response.Body.Write("OK\n");
    }
}

/// <summary><c>/drain_listeners</c>: closes the listeners, at once or after the drain time.</summary>
internal sealed class DrainListenersEndpoint : AdminEndpoint
{
    private readonly IServerControl _control;

    public DrainListenersEndpoint(IServerControl control)
        : base("/drain_listeners", "drain listeners")
    {
        _control = control;
        Mutates = true;
        Parameters =
        [
            new("graceful", "When draining listeners, enter a graceful drain period prior to closing listeners. This behaviour and duration is configurable via server options or CLI", IsFlag: true),
            new("skip_exit", "When draining listeners, do not exit after the drain period. This must be used with graceful", IsFlag: true),
            new("inboundonly", "Drains all inbound listeners. traffic_direction field in envoy_v3_api_msg_config.listener.v3.Listener is used to determine whether a listener is inbound or outbound.", IsFlag: true),
        ];
    }

    public override void Handle(AdminRequest request, AdminResponse response)
    {
        var graceful = request.Query.Has("graceful");
        var skipExit = request.Query.Has("skip_exit");
        if (skipExit && !graceful)
        {
            response.Answer(400, "skip_exit requires graceful\n");
            return;
        }
        _control.DrainListeners(request.Query.Has("inboundonly"), graceful, skipExit);
        response.Body.Write("OK\n");
    }
}
