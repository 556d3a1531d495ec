using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters.ExtAuthz;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.Workers;
using Message = Envoy.Extensions.Filters.Network.ExtAuthz.V3.ExtAuthz;

namespace Weft.Proxy.NetworkFilters.ExtAuthz;

/// <summary>envoy.filters.network.ext_authz as configured, with <c>ext_authz.PREFIX.*</c>. Immutable, shared by all workers.</summary>
internal sealed class ExtAuthzFactory : NetworkFilterFactory
{
    private ExtAuthzFactory(Message config, GrpcAuthzService service, FactoryContext context)
    {
        (Source, Service) = (config, service);
        EnabledMetadata = config.FilterEnabledMetadata is { } metadata ? new MetadataMatcher(metadata, context.Config) : null;
        var scope = context.Stats.Scope($"ext_authz.{config.StatPrefix}.");
        Active = scope.Gauge("active");
        Total = scope.Counter("total");
        Ok = scope.Counter("ok");
        Denied = scope.Counter("denied");
        Error = scope.Counter("error");
        Disabled = scope.Counter("disabled");
        FailureModeAllowed = scope.Counter("failure_mode_allowed");
        ConnectionsClosed = scope.Counter("cx_closed");
    }

    public override bool IsTerminal => false;

    /// <summary>As written; for what is looked at as it stands.</summary>
    public Message Source { get; }

    public GrpcAuthzService Service { get; }

    /// <summary>filter_enabled_metadata; null: all connections.</summary>
    public MetadataMatcher? EnabledMetadata { get; }

    public Gauge Active { get; }

    public Counter Total { get; }

    public Counter Ok { get; }

    public Counter Denied { get; }

    public Counter Error { get; }

    public Counter Disabled { get; }

    public Counter FailureModeAllowed { get; }

    public Counter ConnectionsClosed { get; }

    /// <summary>Null, with findings, when the service cannot be asked.</summary>
    public static ExtAuthzFactory? Create(Message config, FactoryContext context)
    {
        if (config.GrpcService is null)
        {
            context.Config.Error(config, "grpc_service", "ext_authz: grpc_service is needed");
            return null;
        }

        return GrpcAuthzService.Create(config.GrpcService, config.TransportApiVersion, config, context) is { } service ? new ExtAuthzFactory(config, service, context) : null;
    }

    public override NetworkFilter Create(Worker worker) => new ExtAuthzFilter(this, worker);
}
