using Envoy.Config.Core.V3;
using Google.Protobuf;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.Calls;

namespace Weft.Proxy.HttpFilters.ExtAuthz;

/// <summary>An authorization service of gRPC as filters of requests and of connections configure it. Immutable; any thread.</summary>
/// <param name="Target">Where it is.</param>
/// <param name="TimeoutMs">For each question; default 200.</param>
internal sealed record GrpcAuthzService(CollectorTarget Target, long TimeoutMs)
{
    public const long DefaultTimeoutMs = 200;
    private const string Method = "/envoy.service.auth.v3.Authorization/Check";

    /// <summary>Null, with findings, when it cannot be asked.</summary>
    /// <param name="at">The filter's message, to report at.</param>
    public static GrpcAuthzService? Create(GrpcService service, ApiVersion version, IMessage at, FactoryContext context)
    {
        if (version == ApiVersion.V2)
            context.Config.Error(at, "transport_api_version", "V2 (and AUTO) xDS transport protocol versions are deprecated; use transport_api_version: V3");
        return CollectorTarget.Create(service, Method, "ext_authz", context) is { } target
            ? new GrpcAuthzService(target, service.Timeout.ToMs(DefaultTimeoutMs))
            : null;
    }
}
