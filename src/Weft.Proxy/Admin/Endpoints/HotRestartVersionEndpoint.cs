namespace Weft.Proxy.Admin.Endpoints;

/// <summary><c>/hot_restart_version</c>: <c>disabled</c>, as of an Envoy that runs without hot restart.</summary>
internal sealed class HotRestartVersionEndpoint() : AdminEndpoint("/hot_restart_version", "print the hot restart compatibility version")
{
    public const string Version = "disabled";

    public override void Handle(AdminRequest request, AdminResponse response) => response.Body.Write(Version);
}
