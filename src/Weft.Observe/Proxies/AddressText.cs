using System.Text.Json;

namespace Weft.Observe.Proxies;

/// <summary>Addresses of the API in the form in which people write them.</summary>
internal static class AddressText
{
    /// <param name="address">An <c>envoy.config.core.v3.Address</c>.</param>
    /// <returns>IP:PORT, a path, <c>envoy://LISTENER</c>; "" when it is none of these.</returns>
    public static string Of(JsonElement? address)
    {
        if (address is not { ValueKind: JsonValueKind.Object } value)
            return "";
        if (value.Field("socket_address") is { } socket)
            return OfSocket(socket);
        if (value.Field("pipe") is { } pipe)
            return pipe.Text("path");
        return value.Field("envoy_internal_address") is { } named ? "envoy://" + named.Text("server_listener_name") : "";
    }

    /// <param name="socket">An <c>envoy.config.core.v3.SocketAddress</c>.</param>
    public static string OfSocket(JsonElement socket)
    {
        var host = socket.Text("address");
        var port = socket.Field("named_port") is null ? socket.Number("port_value").ToString(System.Globalization.CultureInfo.InvariantCulture) : socket.Text("named_port");
        return host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:{port}" : $"{host}:{port}";
    }
}
