using Envoy.Config.Core.V3;
using Envoy.Extensions.Filters.Http.ExtProc.V3;
using Envoy.Type.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.HttpFilters.ExtAuthz;
using RouteCacheAction = Envoy.Extensions.Filters.Http.ExtProc.V3.ExternalProcessor.Types.RouteCacheAction;

namespace Weft.Proxy.HttpFilters.ExtProc;

/// <summary>envoy.filters.http.ext_proc as configured. Immutable; any thread.</summary>
internal sealed class ExtProcConfig
{
    private const string Method = "/envoy.service.ext_proc.v3.ExternalProcessor/Process";
    private const long DefaultMessageTimeoutMs = 200;
    private const int DefaultStatusOnError = 500;
    private const long DefaultDeferredCloseMs = 5_000;

    private ExtProcConfig(ExternalProcessor config, CollectorTarget target, FactoryContext context)
    {
        Target = target;
        Modes = ProcessingModes.Of(config.ProcessingMode);
        ProcessingModes.Check(config.ProcessingMode, context.Config);
        StatusOnError = config.StatusOnError is { Code: not StatusCode.Empty } status ? (int)status.Code : DefaultStatusOnError;
        Observes = config.ObservabilityMode;
        DeferredCloseMs = config.DeferredCloseTimeout.ToMs(DefaultDeferredCloseMs);
        FailureModeAllow = config.FailureModeAllow;
        AllowModeOverride = config.AllowModeOverride;
        DisableImmediateResponse = config.DisableImmediateResponse;
        MessageTimeoutMs = config.MessageTimeout.ToMs(DefaultMessageTimeoutMs);
        MaxMessageTimeoutMs = config.MaxMessageTimeout.ToMs(0);
        Rules = new MutationRules(config.MutationRules, context.Config);
        AllowedHeaders = NameMatchers.Create(config.ForwardRules?.AllowedHeaders, context.Config);
        DisallowedHeaders = NameMatchers.Create(config.ForwardRules?.DisallowedHeaders, context.Config);
        RequestAttributes = ProcessorAttributes.Create(config.RequestAttributes, config, "request_attributes", context.Config);
        ResponseAttributes = ProcessorAttributes.Create(config.ResponseAttributes, config, "response_attributes", context.Config);
        ForwardedNamespaces = [.. config.MetadataOptions?.ForwardingNamespaces?.Untyped ?? []];
        ReceivedNamespaces = [.. config.MetadataOptions?.ReceivingNamespaces?.Untyped ?? []];
        if (config is { DisableClearRouteCache: true, RouteCacheAction: not RouteCacheAction.Default })
            context.Config.Error(config, "route_cache_action", "disable_clear_route_cache and route_cache_action can not be set to none-default at the same time.");
        RouteCache = config.DisableClearRouteCache ? RouteCacheAction.Retain : config.RouteCacheAction;
    }

    public CollectorTarget Target { get; }

    public ProcessingModes Modes { get; }

    /// <summary>status_on_error: what the client gets when the processor fails; default 500.</summary>
    public int StatusOnError { get; }

    /// <summary>observability_mode: the processor sees the message, which does not wait for it. Default false.</summary>
    public bool Observes { get; }

    /// <summary>deferred_close_timeout: how long a stream to an observer outlives its request; default 5,000.</summary>
    public long DeferredCloseMs { get; }

    /// <summary>failure_mode_allow: where the processor fails the message goes on.</summary>
    public bool FailureModeAllow { get; }

    /// <summary>allow_mode_override: the processor may change the modes with its answer to headers.</summary>
    public bool AllowModeOverride { get; }

    public bool DisableImmediateResponse { get; }

    /// <summary>message_timeout; default 200.</summary>
    public long MessageTimeoutMs { get; }

    /// <summary>max_message_timeout: how long the processor may ask for; 0: it may not.</summary>
    public long MaxMessageTimeoutMs { get; }

    public MutationRules Rules { get; }

    /// <summary>forward_rules.allowed_headers; empty: all.</summary>
    public NameMatchers AllowedHeaders { get; }

    public NameMatchers DisallowedHeaders { get; }

    public ProcessorAttributes RequestAttributes { get; }

    public ProcessorAttributes ResponseAttributes { get; }

    /// <summary>Namespaces of dynamic metadata that the processor is told.</summary>
    public string[] ForwardedNamespaces { get; }

    /// <summary>Namespaces of dynamic metadata that the processor may set.</summary>
    public string[] ReceivedNamespaces { get; }

    public RouteCacheAction RouteCache { get; }

    /// <summary>Null, with findings, when the processor cannot be asked.</summary>
    public static ExtProcConfig? Create(ExternalProcessor config, FactoryContext context) =>
        TargetOf(config.GrpcService, context) is { } target ? new ExtProcConfig(config, target, context) : null;

    /// <summary>Null, with findings, when there is no such service.</summary>
    public static CollectorTarget? TargetOf(GrpcService? service, FactoryContext context) =>
        service is null ? null : CollectorTarget.Create(service, Method, "ext_proc", context, isStream: true);
}
