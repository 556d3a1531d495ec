using Weft.Config;
using Weft.Http.Urls;
using Weft.Proxy.Runtime;
using HcmMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;
using SlashAction = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager.Types.PathWithEscapedSlashesAction;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers;

/// <summary>The connection manager's fields about path and host, as the options of <see cref="PathNormalization"/> and <see cref="Authority"/>.</summary>
internal static class PathOptions
{
    /// <summary>Runtime decides where the field leaves it open, and can turn the whole off.</summary>
    public static EscapedSlashes EscapedSlashesOf(HcmMessage source, RuntimeSnapshot runtime)
    {
        var enabled = new RuntimeFraction("http_connection_manager.path_with_escaped_slashes_action_enabled", 100, 100);
        if (!runtime.IsEnabled(enabled, 0)) return EscapedSlashes.KeepUnchanged;
        var action = source.PathWithEscapedSlashesAction == SlashAction.ImplementationSpecificDefault
            ? (SlashAction)runtime.GetInteger("http_connection_manager.path_with_escaped_slashes_action", 0)
            : source.PathWithEscapedSlashesAction;
        return action switch
        {
            SlashAction.RejectRequest => EscapedSlashes.RejectRequest,
            SlashAction.UnescapeAndRedirect => EscapedSlashes.UnescapeAndRedirect,
            SlashAction.UnescapeAndForward => EscapedSlashes.UnescapeAndForward,
            _ => EscapedSlashes.KeepUnchanged,
        };
    }

    public static PortStripping PortStrippingOf(HcmMessage source, ConfigContext context)
    {
        if (source.StripAnyHostPort && source.StripMatchingHostPort)
            context.Error(source, "strip_matching_host_port", "Error: Only one of `strip_matching_host_port` or `strip_any_host_port` can be set.");
        if (source.StripAnyHostPort) return PortStripping.Any;
        return source.StripMatchingHostPort ? PortStripping.Matching : PortStripping.None;
    }
}
