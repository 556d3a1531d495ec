using Weft.Base.Buffers;
using Weft.Http;

namespace Weft.Proxy.HttpFilters.ApiKeyAuth;

/// <summary>Lets only those pass who bring a known key: 401 without one, 403 where the route is not for the client. Pooled; worker thread.</summary>
internal sealed class ApiKeyAuthFilter(ApiKeyAuthFilterFactory factory) : HttpFilter
{
    private readonly ByteWriter _decoded = new(0);

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        var ofRoute = Stream.RouteConfig(this) as ApiKeyAuthConfig;
        var sources = ofRoute is { Sources.Length: > 0 } ? ofRoute : factory.Config;
        var clients = ofRoute is { HasCredentials: true } ? ofRoute : factory.Config;
        if (sources.Sources.Length == 0)
            return Refuse("missing_key_sources");
        if (!clients.HasCredentials)
            return Refuse("missing_credentials");
        var key = sources.FindKey(headers, _decoded);
        if (key.IsEmpty)
            return Refuse("missing_api_key");
        // Spelt as Envoy spells it.
        if (clients.ClientOf(key) is not { } client)
            return Refuse("unkonwn_api_key");
        if (ofRoute is not null && !ofRoute.Allows(client))
            return Forbid();
        Forward(headers, client, sources, ofRoute is { HasForwarding: true } ? ofRoute : factory.Config);
        factory.Allowed.Inc();
        return FilterStatus.Continue;
    }

    private static void Forward(HeaderMap headers, byte[] client, ApiKeyAuthConfig sources, ApiKeyAuthConfig forwarding)
    {
        if (forwarding.ClientHeader is { } header)
            headers.Set(header, client);
        if (forwarding.HidesKey)
            sources.RemoveKeys(headers);
    }

    private FilterStatus Refuse(string details)
    {
        factory.Unauthorized.Inc();
        Stream.SendLocalReply(401, "Client authentication failed."u8, details);
        return FilterStatus.Ended;
    }

    private FilterStatus Forbid()
    {
        factory.Forbidden.Inc();
        Stream.SendLocalReply(403, "Client is forbidden."u8, "client_not_allowed");
        return FilterStatus.Ended;
    }
}
