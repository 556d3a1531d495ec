using Envoy.Extensions.Filters.Http.Oauth2.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Weft.Config;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Secrets;

namespace Weft.Proxy.HttpFilters.OAuth2;

/// <summary>The filter's two secrets as they are now. Made and changed on the main thread; read by any.</summary>
internal sealed class FlowSecrets
{
    private volatile byte[] _client = [];
    private volatile FlowKey? _key;

    private FlowSecrets()
    {
    }

    /// <summary>token_secret: what the token endpoint knows the proxy by; empty while it is not known.</summary>
    public byte[] Client => _client;

    /// <summary>hmac_secret; null while it is not known, or empty: what everybody could sign would let everybody in.</summary>
    public FlowKey? Key => _key;

    /// <summary>Null, with the fault reported, when one of them cannot be had.</summary>
    public static FlowSecrets? Create(OAuth2Credentials credentials, FactoryContext context)
    {
        var secrets = new FlowSecrets();
        var hasClient = Watch(credentials.TokenSecret, "token_secret", "invalid token secret configuration", secrets.TakeClient);
        var hasKey = Watch(credentials.HmacSecret, "hmac_secret", "invalid HMAC secret configuration", secrets.TakeKey);
        return hasClient && hasKey ? secrets : null;

        bool Watch(SdsSecretConfig? config, string field, string fault, TakeSecret take)
        {
            if (config is null) return false; // The API's own rules report it.
            if (config.SdsConfig is not null || context.Secrets.FindGeneric(config, context.For(new ConfigContext())) is not null)
                return SecretBytes.Watch(config, context, take);
            context.Config.Error(credentials, field, fault);
            return false;
        }
    }

    private string? TakeClient(byte[] bytes)
    {
        _client = bytes;
        return null;
    }

    private string? TakeKey(byte[] bytes)
    {
        if (bytes.Length == 0) return "is empty";
        _key = new FlowKey(bytes);
        return null;
    }
}
