using Envoy.Admin.V3;
using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.Admin.Endpoints;

/// <summary><c>/init_dump</c>: what the server and its listeners still wait for.</summary>
internal sealed class InitDumpEndpoint : AdminEndpoint
{
    private readonly AdminContext _context;

    public InitDumpEndpoint(AdminContext context)
        : base("/init_dump", "dump current Envoy init manager information (experimental)")
    {
        _context = context;
        Parameters = [new("mask", "The desired component to dump unready targets. The mask is parsed as a Protobuf::FieldMask. For example, get the unready targets of all listeners with /init_dump?mask=listener`")];
    }

    public override void Handle(AdminRequest request, AdminResponse response)
    {
        var mask = request.Query.FindNonEmpty("mask");
        var dumps = new UnreadyTargetsDumps();
        if (mask is null)
            dumps.UnreadyTargetsDumps_.AddRange((_context.Dynamic?.Inits ?? []).Where(static init => init is { IsStarted: true, IsReady: false }).Select(Dump));
        if (mask is null or "listener")
            dumps.UnreadyTargetsDumps_.AddRange(_context.UnreadyListeners().Select(Dump));
        AdminJson.Answer(response, dumps, withDefaults: false);
    }

    private static UnreadyTargetsDumps.Types.UnreadyTargetsDump Dump(InitManager manager) => new() { Name = "init manager " + manager.Name, TargetNames = { manager.Unready } };
}
