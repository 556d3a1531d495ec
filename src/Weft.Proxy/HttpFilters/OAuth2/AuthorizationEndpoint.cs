using System.Text;
using Envoy.Extensions.Filters.Http.Oauth2.V3;
using Weft.Base.Buffers;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.HttpFilters.Router.InternalRedirects;

namespace Weft.Proxy.HttpFilters.OAuth2;

/// <summary>
/// Where users log in (authorization_endpoint): its address with all parameters but those of one login, which have places of their own among
/// them. Parameters are in the order of their names. Immutable; any thread.
/// </summary>
internal sealed class AuthorizationEndpoint
{
    // Characters that no address holds mark the places.
    private const char ChallengeMark = '\u0001';
    private const char RedirectMark = '\u0002';
    private const char StateMark = '\u0003';
    private const string DefaultScope = "user";

    private readonly byte[] _text;

    private AuthorizationEndpoint(string text) => _text = Encoding.UTF8.GetBytes(text);

    /// <summary>Null, with the fault reported, when it is no address.</summary>
    public static AuthorizationEndpoint? Create(OAuth2Config config, ConfigContext context)
    {
        var address = Encoding.UTF8.GetBytes(config.AuthorizationEndpoint);
        if (!RedirectTarget.TryParse(address, out var target) || !FieldText.IsValue(address))
        {
            context.Error(config, "authorization_endpoint", $"OAuth2 filter: invalid authorization endpoint URL '{config.AuthorizationEndpoint}' in config.");
            return null;
        }

        var clientId = config.Credentials.ClientId;
        if (!FieldText.IsValue(Encoding.UTF8.GetBytes(clientId)))
        {
            context.Error(config.Credentials, "client_id", "the client_id cannot stand in an address");
            return null;
        }

        var query = new SortedQuery(address);
        query.Overwrite("client_id", clientId);
        query.Overwrite("response_type", "code");
        query.Overwrite("scope", Escape(config.AuthScopes.Count == 0 ? DefaultScope : string.Join(' ', config.AuthScopes)));
        query.Overwrite("code_challenge", ChallengeMark.ToString());
        query.Overwrite("code_challenge_method", "S256");
        query.Overwrite("redirect_uri", RedirectMark.ToString());
        query.Overwrite("state", StateMark.ToString());
        var end = config.AuthorizationEndpoint.IndexOf('?', StringComparison.Ordinal);
        var path = end < 0 ? config.AuthorizationEndpoint : config.AuthorizationEndpoint[..end];
        if (target.PathAndQuery.IsEmpty) path += "/";
        var resources = string.Concat(config.Resources.Select(static resource => "&resource=" + Escape(resource)));
        return new AuthorizationEndpoint(path + query + resources);
    }

    /// <summary>Appends the address for one login.</summary>
    /// <param name="redirectUri">Not escaped.</param>
    public void Write(ReadOnlySpan<byte> state, ReadOnlySpan<byte> redirectUri, ReadOnlySpan<byte> challenge, ByteWriter output)
    {
        var rest = _text.AsSpan();
        for (var place = rest.IndexOfAnyInRange((byte)ChallengeMark, (byte)StateMark); place >= 0; place = rest.IndexOfAnyInRange((byte)ChallengeMark, (byte)StateMark))
        {
            output.Write(rest[..place]);
            if (rest[place] == RedirectMark) FormText.WriteQuery(redirectUri, output);
            else output.Write(rest[place] == StateMark ? state : challenge);
            rest = rest[(place + 1)..];
        }

        output.Write(rest);
    }

    private static string Escape(string value)
    {
        var output = new ByteWriter();
        FormText.WriteQuery(Encoding.UTF8.GetBytes(value), output);
        return Encoding.ASCII.GetString(output.Written);
    }
}
