using System.Text;
using Envoy.Extensions.Filters.Http.Oauth2.V3;
using Weft.Base.Buffers;
using Weft.Http;
using Weft.Http.Urls;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.HttpFilters.Router.Retries;
using AuthType = Envoy.Extensions.Filters.Http.Oauth2.V3.OAuth2Config.Types.AuthType;
using HeaderMap = Weft.Http.HeaderMap;

namespace Weft.Proxy.HttpFilters.OAuth2;

/// <summary>Where codes and refresh tokens are exchanged for access tokens (token_endpoint), and how the proxy shows there who it is. Immutable; any thread.</summary>
internal sealed class TokenEndpoint
{
    private readonly byte[] _host;
    private readonly byte[] _path;
    private readonly byte[] _clientId;
    private readonly bool _usesBasic;
    private readonly FlowSecrets _secrets;

    private TokenEndpoint(OAuth2Config config, FlowSecrets secrets, RetryPolicyConfig? retries, FactoryContext context)
    {
        SplitUri(config.TokenEndpoint.Uri, out _host, out _path);
        _clientId = Encoding.UTF8.GetBytes(config.Credentials.ClientId);
        _usesBasic = config.AuthType == AuthType.BasicAuth;
        _secrets = secrets;
        Cluster = context.Clusters.Get(config.TokenEndpoint.Cluster);
        TimeoutMs = config.TokenEndpoint.Timeout.ToMs(0);
        Retries = retries;
    }

    public ClusterReference Cluster { get; }

    /// <summary>For all attempts together; 0: no limit.</summary>
    public long TimeoutMs { get; }

    /// <summary>retry_policy; null: one attempt.</summary>
    public RetryPolicyConfig? Retries { get; }

    /// <summary>Null, with the fault reported, when there is none.</summary>
    public static TokenEndpoint? Create(OAuth2Config config, FlowSecrets secrets, FactoryContext context)
    {
        if (config.TokenEndpoint is not { } uri)
        {
            context.Config.Error(config, "token_endpoint", "value is required");
            return null;
        }

        SplitUri(uri.Uri, out var host, out var path);
        if (host.Length == 0 || !Authority.IsValid(host) || !FieldText.IsValue(path))
        {
            context.Config.Error(uri, "uri", $"OAuth2 filter: invalid token endpoint URL '{uri.Uri}' in config.");
            return null;
        }

        // It may come later than the listener.
        if (context.ClusterExists is { } exists && !exists(uri.Cluster))
            context.Config.Warning(uri, "cluster", $"OAuth2 filter: unknown cluster '{uri.Cluster}' in config.");
        return new TokenEndpoint(config, secrets, CallRetries.OfHttp(config.RetryPolicy, context.Config), context);
    }

    /// <summary>Writes the head of a request.</summary>
    public void WriteHead(HeaderMap headers)
    {
        headers.Set(KnownHeader.Method, "POST"u8);
        headers.Set(KnownHeader.Path, _path);
        headers.Set(KnownHeader.Authority, _host);
        headers.Set(KnownHeader.ContentType, "application/x-www-form-urlencoded"u8);
        // Some servers answer with a form otherwise.
        headers.Set(KnownHeader.Accept, "application/json"u8);
        if (!_usesBasic) return;
        byte[] credentials = [.. _clientId, .. ":"u8, .. _secrets.Client];
        headers.Set(KnownHeader.Authorization, Encoding.ASCII.GetBytes("Basic " + Convert.ToBase64String(credentials)));
    }

    /// <summary>Appends the body that exchanges a code (RFC 6749 section 4.1.3).</summary>
    /// <param name="code">As it came, escaped or not.</param>
    public void WriteCodeExchange(ReadOnlySpan<byte> code, ReadOnlySpan<byte> redirectUri, ReadOnlySpan<byte> codeVerifier, ByteWriter body)
    {
        body.Write("grant_type=authorization_code&code="u8);
        body.Write(code);
        WriteCredentials(body);
        body.Write("&redirect_uri="u8);
        FormText.WriteBody(redirectUri, body);
        body.Write("&code_verifier="u8);
        body.Write(codeVerifier);
    }

    /// <summary>Appends the body that exchanges a refresh token (RFC 6749 section 6).</summary>
    public void WriteRefresh(ReadOnlySpan<byte> refreshToken, ByteWriter body)
    {
        body.Write("grant_type=refresh_token&refresh_token="u8);
        FormText.WriteBody(refreshToken, body, keepsDelimiters: _usesBasic);
        WriteCredentials(body);
    }

    /// <summary>A scheme need not be there, and says nothing: how the cluster is reached, it says itself.</summary>
    private static void SplitUri(string uri, out byte[] host, out byte[] path)
    {
        var scheme = uri.IndexOf("://", StringComparison.Ordinal);
        var start = scheme < 0 ? 0 : scheme + 3;
        var end = uri.IndexOf('/', start);
        host = Encoding.UTF8.GetBytes(end < 0 ? uri[start..] : uri[start..end]);
        path = Encoding.UTF8.GetBytes(end < 0 ? "/" : uri[end..]);
    }

    private void WriteCredentials(ByteWriter body)
    {
        if (_usesBasic) return;
        body.Write("&client_id="u8);
        FormText.WriteBody(_clientId, body);
        body.Write("&client_secret="u8);
        FormText.WriteBody(_secrets.Client, body);
    }
}
