using Envoy.Extensions.Filters.Http.ExtAuthz.V3;
using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.HttpFilters.ExtAuthz;

/// <summary>ExtAuthzPerRoute. Immutable; any thread.</summary>
internal sealed class ExtAuthzRouteConfig(ExtAuthzPerRoute config) : FilterRouteConfig
{
    /// <summary>Requests are not asked about.</summary>
    public bool IsDisabled => config.Disabled;

    /// <summary>What the service is told besides.</summary>
    public IReadOnlyDictionary<string, string> Context { get; } = config.CheckSettings?.ContextExtensions ?? [];

    public bool IgnoresBody => config.CheckSettings?.DisableRequestBodyBuffering ?? false;

    /// <summary>with_request_body, instead of the filter's; null: the filter's.</summary>
    public BodyPart? Body { get; } = BodyPart.Of(config.CheckSettings?.WithRequestBody);

    public static ExtAuthzRouteConfig Create(ExtAuthzPerRoute config, FactoryContext context)
    {
        if (config.CheckSettings is { DisableRequestBodyBuffering: true, WithRequestBody: not null })
            context.Config.Error(config.CheckSettings, "with_request_body", "Invalid configuration for check_settings. Only one of disable_request_body_buffering or with_request_body can be set.");
        return new ExtAuthzRouteConfig(config);
    }
}

/// <summary>BufferSettings: how much of a body is part of the question.</summary>
/// <param name="MaxBytes">max_request_bytes.</param>
/// <param name="AllowsPart">allow_partial_message; without it a longer body gets 413.</param>
/// <param name="IsBinary">pack_as_bytes: sent as it is, not as text.</param>
internal sealed record BodyPart(int MaxBytes, bool AllowsPart, bool IsBinary)
{
    public static BodyPart? Of(BufferSettings? settings)
        => settings is null ? null : new BodyPart((int)Math.Min(settings.MaxRequestBytes, int.MaxValue), settings.AllowPartialMessage, settings.PackAsBytes);
}
