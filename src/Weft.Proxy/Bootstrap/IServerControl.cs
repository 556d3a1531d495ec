namespace Weft.Proxy.Bootstrap;

/// <summary>What the admin interface can make a proxy do. Main thread.</summary>
public interface IServerControl
{
    /// <summary>Ends the proxy in order, after the current turn (<c>/quitquitquit</c>).</summary>
    void Shutdown();

    /// <summary>Makes health checks fail or pass again.</summary>
    void FailHealthCheck(bool fail);

    /// <summary>Closes listeners: at once, or after the drain time.</summary>
    /// <param name="inboundOnly">Only listeners whose traffic direction is INBOUND.</param>
    /// <param name="graceful">Ask clients to close during the drain time first.</param>
    /// <param name="skipExit">After a graceful drain, leave the listeners open.</param>
    void DrainListeners(bool inboundOnly, bool graceful, bool skipExit);

    /// <summary>Reopens access logs and the process's log.</summary>
    void ReopenLogs();
}
