using System.Text;
using Weft.Base.Buffers;
using Weft.Config;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.HttpFilters.OAuth2;
using Weft.Proxy.Tests.Routing;
using HcmMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;
using Secret = Envoy.Extensions.TransportSockets.Tls.V3.Secret;

namespace Weft.Proxy.Tests.HttpFilters.OAuth2;

/// <summary>Filters as most tests have them, and cookies as they make them.</summary>
internal static class OAuth2Filters
{
    public const string HmacSecret = "asdf_token_secret_fdsa";

    /// <summary>The fields without which there is no filter, but for the credentials.</summary>
    public const string Required =
        "token_endpoint: { cluster: idp, uri: idp.example.com/token, timeout: 1s }, authorization_endpoint: 'https://idp.example.com/authorize', "
        + "redirect_uri: '%REQ(:scheme)%://%REQ(:authority)%/callback', redirect_path_matcher: { path: { exact: /callback } }, signout_path: { path: { exact: /signout } }";

    public static FlowKey Key { get; } = new(Encoding.ASCII.GetBytes(HmacSecret));

    public static FactoryContext Context()
    {
        var context = Routes.Context(new ConfigContext());
        context.Secrets.AddStatic([SecretOf("token", "client secret"), SecretOf("hmac", HmacSecret)], context.Config);
        return context;
    }

    public static Secret SecretOf(string name, string text) => Filters.Read<Secret>($"name: {name}, generic_secret: {{ secret: {{ inline_string: \"{text}\" }} }}");

    /// <param name="more">Further fields of the configuration, flow style.</param>
    /// <param name="credentials">Further fields of the credentials.</param>
    /// <param name="required">The fields that every configuration has.</param>
    public static string Config(string more = "", string credentials = "", string required = Required) =>
        $"config: {{ {required}, credentials: {{ client_id: app, token_secret: {{ name: token }}, hmac_secret: {{ name: hmac }}{Comma(credentials)} }}{Comma(more)} }}";

    public static OAuth2FilterFactory Factory(string more = "", string credentials = "", FactoryContext? context = null, string required = Required) =>
        (OAuth2FilterFactory)Filters.One("oauth2.v3.OAuth2", Config(more, credentials, required), context ?? Context());

    /// <summary>The texts of the faults of a filter.</summary>
    public static string[] Faults(string config, FactoryContext? context = null)
    {
        context ??= Context();
        var type = Filters.Type("oauth2.v3.OAuth2");
        var message = ConfigReader.ReadText<HcmMessage>(
            $"stat_prefix: test\nroute_config: {{}}\nhttp_filters:\n- {{ name: tested, typed_config: {{ \"@type\": {type}, {config} }} }}\n{Filters.Router}", "t.yaml", new ReadOptions(), context.Config);
        HttpFilterChainCompiler.Create(message, context);
        return [.. context.Config.Findings.Errors.Select(static fault => fault.Text)];
    }

    public static string Encrypt(string text)
    {
        var output = new ByteWriter();
        Key.Encrypt(Encoding.UTF8.GetBytes(text), output);
        return Encoding.ASCII.GetString(output.Written);
    }

    public static string Sign(string message)
    {
        var output = new ByteWriter();
        Key.Sign(Encoding.UTF8.GetBytes(message), output);
        return Encoding.ASCII.GetString(output.Written);
    }

    /// <summary>The cookies of a session that lasts until 2100.</summary>
    public static string Session(string host = "host", string accessToken = "access", string idToken = "", string refreshToken = "", long expires = 4_102_444_800)
    {
        var signature = Sign($"{host}\n{expires}\n{accessToken}\n{idToken}\n{refreshToken}");
        return $"OauthHMAC={signature}; OauthExpires={expires}" + Token("BearerToken", accessToken) + Token("IdToken", idToken) + Token("RefreshToken", refreshToken);
    }

    private static string Token(string name, string value) => value.Length == 0 ? "" : $"; {name}={Encrypt(value)}";

    private static string Comma(string fields) => fields.Length == 0 ? "" : ", " + fields;
}
