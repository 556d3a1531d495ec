using Envoy.Type.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.Runtime;
using FilterMessage = Envoy.Extensions.Filters.Http.ExtAuthz.V3.ExtAuthz;

namespace Weft.Proxy.HttpFilters.ExtAuthz;

/// <summary>envoy.filters.http.ext_authz as configured. Immutable; any thread.</summary>
internal sealed class ExtAuthzConfig
{
    private const int DefaultStatusOnError = 403;

    private ExtAuthzConfig(FilterMessage config, FactoryContext context)
    {
        Source = config;
        Body = BodyPart.Of(config.WithRequestBody);
        StatusOnError = config.StatusOnError is { Code: not StatusCode.Empty } status ? (int)status.Code : DefaultStatusOnError;
        Enabled = config.FilterEnabled is { } enabled ? RuntimeFraction.From(enabled) : null;
        EnabledMetadata = config.FilterEnabledMetadata is { } metadata ? new MetadataMatcher(metadata, context.Config) : null;
#pragma warning disable CS0612 // The older place of allowed_headers is still in files.
        var older = config.HttpService?.AuthorizationRequest?.AllowedHeaders;
#pragma warning restore CS0612
        Disallowed = NameMatchers.Create(config.DisallowedHeaders, context.Config);
        Allowed = config.HttpService is not null
            ? NameMatchers.Create(older ?? config.AllowedHeaders, context.Config, "authorization", ":method", ":path", ":authority")
            : config.AllowedHeaders is null ? null : NameMatchers.Create(config.AllowedHeaders, context.Config);
        if (config.AllowedHeaders is not null && older is not null)
            context.Config.Error(config, "allowed_headers", "Invalid duplicate configuration for allowed_headers.");
    }

    /// <summary>As written; for what is looked at as it stands.</summary>
    public FilterMessage Source { get; }

    /// <summary>with_request_body; null: the body is not part of the question.</summary>
    public BodyPart? Body { get; }

    /// <summary>status_on_error; default 403.</summary>
    public int StatusOnError { get; }

    /// <summary>filter_enabled; null: all requests.</summary>
    public RuntimeFraction? Enabled { get; }

    /// <summary>filter_enabled_metadata; null: all requests.</summary>
    public MetadataMatcher? EnabledMetadata { get; }

    /// <summary>Headers that the service gets; null: all.</summary>
    public NameMatchers? Allowed { get; }

    public NameMatchers Disallowed { get; }

    /// <summary>The service by gRPC; null: it is one of HTTP.</summary>
    public CollectorTarget? Grpc { get; private init; }

    /// <summary>The service by HTTP; null: it is one of gRPC.</summary>
    public HttpAuthzService? Http { get; private init; }

    /// <summary>For each question.</summary>
    public long TimeoutMs { get; private init; }

    /// <summary>Null, with findings, when the service cannot be asked.</summary>
    public static ExtAuthzConfig? Create(FilterMessage config, FactoryContext context)
    {
        switch (config.ServicesCase)
        {
            case FilterMessage.ServicesOneofCase.GrpcService:
                if (GrpcAuthzService.Create(config.GrpcService, config.TransportApiVersion, config, context) is not { } asked) return null;
                return new ExtAuthzConfig(config, context) { Grpc = asked.Target, TimeoutMs = asked.TimeoutMs };
            case FilterMessage.ServicesOneofCase.HttpService:
                if (HttpAuthzService.Create(config.HttpService, context) is not { } service) return null;
                return new ExtAuthzConfig(config, context) { Http = service, TimeoutMs = config.HttpService.ServerUri.Timeout.ToMs(GrpcAuthzService.DefaultTimeoutMs) };
            default:
                context.Config.Error(config, null, "ext_authz: grpc_service or http_service is needed");
                return null;
        }
    }

    /// <summary>A header of the request goes to the service.</summary>
    public bool IsSent(ReadOnlySpan<byte> name) => !Disallowed.IsMatch(name) && (Allowed is null || Allowed.IsMatch(name));
}
