using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.Admin.Endpoints;

/// <summary><c>/ready</c>: the state's name; 200 when it is LIVE, else 503.</summary>
internal sealed class ReadyEndpoint(ServerStatus status) : AdminEndpoint("/ready", "print server state, return 200 if LIVE, otherwise return 503")
{
    public override void Handle(AdminRequest request, AdminResponse response)
    {
        var state = status.State;
        response.Answer(state == ServerState.Live ? 200 : 503, ServerStatus.Name(state) + "\n");
    }
}
