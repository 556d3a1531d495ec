using System.Text;
using Envoy.Extensions.Filters.Http.ApiKeyAuth.V3;
using Google.Protobuf.Collections;
using Weft.Base.Buffers;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Matching;

namespace Weft.Proxy.HttpFilters.ApiKeyAuth;

/// <summary>What an ApiKeyAuth says, or a route's ApiKeyAuthPerRoute: who has which key, where keys stand, what becomes of them. Immutable; any thread.</summary>
internal sealed class ApiKeyAuthConfig : FilterRouteConfig
{
    private readonly Dictionary<byte[], byte[]> _clients = new(BytesKey.Instance);
    private readonly HashSet<byte[]> _allowed = new(BytesKey.Instance);

    private ApiKeyAuthConfig(RepeatedField<Credential> credentials, RepeatedField<KeySource> sources, Forwarding? forwarding, ConfigContext context)
    {
        foreach (var credential in credentials)
        {
            if (!_clients.TryAdd(Encoding.UTF8.GetBytes(credential.Key), Encoding.UTF8.GetBytes(credential.Client)))
                context.Error(credential, "key", $"Duplicated credential key: '{credential.Key}'");
        }

        Sources = [.. sources.Select(source => ApiKeySource.Create(source, context)).OfType<ApiKeySource>()];
        HasForwarding = forwarding is not null;
        ClientHeader = forwarding is { Header.Length: > 0 } ? new HeaderName(forwarding.Header) : null;
        HidesKey = forwarding?.HideCredentials ?? false;
    }

    /// <summary>credentials are given.</summary>
    public bool HasCredentials => _clients.Count > 0;

    /// <summary>key_sources, in order.</summary>
    public ApiKeySource[] Sources { get; }

    public bool HasForwarding { get; }

    /// <summary>forwarding.header: tells the upstream which client it is; null: nothing does.</summary>
    public HeaderName? ClientHeader { get; }

    /// <summary>forwarding.hide_credentials: the upstream does not see the key.</summary>
    public bool HidesKey { get; }

    public static ApiKeyAuthConfig Create(Envoy.Extensions.Filters.Http.ApiKeyAuth.V3.ApiKeyAuth config, ConfigContext context) =>
        new(config.Credentials, config.KeySources, config.Forwarding, context);

    public static ApiKeyAuthConfig OfRoute(ApiKeyAuthPerRoute config, FactoryContext context)
    {
        var result = new ApiKeyAuthConfig(config.Credentials, config.KeySources, config.Forwarding, context.Config);
        result._allowed.UnionWith(config.AllowedClients.Select(Encoding.UTF8.GetBytes));
        return result;
    }

    /// <summary>Whose key it is; null: nobody's.</summary>
    public byte[]? ClientOf(ReadOnlySpan<byte> key) => _clients.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out var client) ? client : null;

    /// <summary>allowed_clients: all where none are listed.</summary>
    public bool Allows(byte[] client) => _allowed.Count == 0 || _allowed.Contains(client);

    /// <summary>The request's key, by the first source that has one; empty when none has.</summary>
    public ReadOnlySpan<byte> FindKey(HeaderMap headers, ByteWriter decoded)
    {
        foreach (var source in Sources)
        {
            if (source.Find(headers, decoded) is { IsEmpty: false } key) return key;
        }

        return default;
    }

    /// <summary>Takes all that may be a key out of the request.</summary>
    public void RemoveKeys(HeaderMap headers)
    {
        foreach (var source in Sources) source.Remove(headers);
    }
}
