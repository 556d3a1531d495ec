using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.Tests.Admin;

/// <summary>Writes down what the admin interface asked of the server.</summary>
internal sealed class FakeControl : IServerControl
{
    public List<string> Calls { get; } = [];

    public void Shutdown() => Calls.Add("shutdown");

    public void FailHealthCheck(bool fail) => Calls.Add(fail ? "fail" : "ok");

    public void DrainListeners(bool inboundOnly, bool graceful, bool skipExit) => Calls.Add($"drain inbound={inboundOnly} graceful={graceful} skip={skipExit}");

    public void ReopenLogs() => Calls.Add("reopen");
}
