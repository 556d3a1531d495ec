using Envoy.Admin.V3;
using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.Admin.Endpoints;

/// <summary><c>/contention</c>: how often a lock was waited for, when --enable-mutex-tracing was given. Cycles are not measured.</summary>
internal sealed class ContentionEndpoint(ServerOptions options) : AdminEndpoint("/contention", "dump current Envoy mutex contention stats (if enabled)")
{
    public override void Handle(AdminRequest request, AdminResponse response)
    {
        if (options.EnableMutexTracing)
            AdminJson.Answer(response, new MutexStats { NumContentions = (ulong)Monitor.LockContentionCount }, withDefaults: true);
        else
            response.Body.Write("Mutex contention tracing is not enabled. To enable, run Envoy with flag --enable-mutex-tracing.");
    }
}
