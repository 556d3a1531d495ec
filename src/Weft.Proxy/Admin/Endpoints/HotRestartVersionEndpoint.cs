namespace Weft.Proxy.Admin.Endpoints;

/// <summary><c>/hot_restart_version</c>: <c>disabled</c> where no other process is taken over from.</summary>
internal sealed class HotRestartVersionEndpoint(AdminContext context) : AdminEndpoint("/hot_restart_version", "print the hot restart compatibility version")
{
    public override void Handle(AdminRequest request, AdminResponse response) => response.Body.Write(context.Options.HotRestartVersion);
}
