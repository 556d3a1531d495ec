using Envoy.Admin.V3;

namespace Weft.Proxy.Admin.Endpoints;

/// <summary><c>/init_dump</c>: what listeners still wait for; nothing, as long as listeners come from the file only.</summary>
internal sealed class InitDumpEndpoint : AdminEndpoint
{
    public InitDumpEndpoint()
        : base("/init_dump", "dump current Envoy init manager information (experimental)")
    {
        Parameters = [new("mask", "The desired component to dump unready targets. The mask is parsed as a Protobuf::FieldMask. For example, get the unready targets of all listeners with /init_dump?mask=listener`")];
    }

    public override void Handle(AdminRequest request, AdminResponse response) => AdminJson.Answer(response, new UnreadyTargetsDumps(), withDefaults: false);
}
