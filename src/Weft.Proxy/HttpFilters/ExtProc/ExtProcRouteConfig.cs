using System.Text;
using Envoy.Extensions.Filters.Http.ExtProc.V3;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.Calls;

namespace Weft.Proxy.HttpFilters.ExtProc;

/// <summary>ExtProcPerRoute: what counts instead of the filter's settings, each where it is given. Immutable; any thread.</summary>
internal sealed class ExtProcRouteConfig(ExtProcPerRoute config) : FilterRouteConfig
{
    /// <summary>The processor sees nothing.</summary>
    public bool IsDisabled => config.Disabled;

    public ProcessingModes? Modes { get; private init; }

    public CollectorTarget? Target { get; private init; }

    public ProcessorAttributes? RequestAttributes { get; private init; }

    public ProcessorAttributes? ResponseAttributes { get; private init; }

    public string[]? ForwardedNamespaces { get; private init; }

    public string[]? ReceivedNamespaces { get; private init; }

    /// <summary>grpc_initial_metadata: headers of the stream besides those of its service.</summary>
    public IReadOnlyList<(HeaderName Name, byte[] Value)> Headers { get; private init; } = [];

    public static ExtProcRouteConfig Create(ExtProcPerRoute config, FactoryContext context)
    {
        if (config.Overrides is not { } overrides)
            return new ExtProcRouteConfig(config);
        ProcessingModes.Check(overrides.ProcessingMode, context.Config);
        return new ExtProcRouteConfig(config)
        {
            Modes = overrides.ProcessingMode is { } mode ? ProcessingModes.Of(mode) : null,
            Target = ExtProcConfig.TargetOf(overrides.GrpcService, context),
            RequestAttributes = overrides.RequestAttributes.Count == 0 ? null : ProcessorAttributes.Create(overrides.RequestAttributes, overrides, "request_attributes", context.Config),
            ResponseAttributes = overrides.ResponseAttributes.Count == 0 ? null : ProcessorAttributes.Create(overrides.ResponseAttributes, overrides, "response_attributes", context.Config),
            ForwardedNamespaces = overrides.MetadataOptions?.ForwardingNamespaces is { } forwarded ? [.. forwarded.Untyped] : null,
            ReceivedNamespaces = overrides.MetadataOptions?.ReceivingNamespaces is { } received ? [.. received.Untyped] : null,
            Headers = [.. overrides.GrpcInitialMetadata.Select(static header => (new HeaderName(header.Key), Encoding.UTF8.GetBytes(header.Value)))],
        };
    }
}
