using System.Text;
using Weft.Base.Buffers;
using Weft.Base.Logging;
using Weft.Http;
using Weft.Proxy.Formatting;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.OAuth2;

/// <summary>
/// Lets requests of signed-in users pass and has all others log in at an authorization server (RFC 6749 section 4.1, with RFC 7636). Cookies,
/// signed and encrypted, are the session; the proxy itself keeps nothing. A request waits, without its body, while the token endpoint is asked.
/// Pooled; worker thread. Allocates for each token that is decrypted, and for logins.
/// </summary>
internal sealed partial class OAuth2Filter(OAuth2FilterFactory factory, Worker worker) : HttpFilter
{
    private static readonly Logger Log = Logger.Get("oauth2");
    private static readonly HeaderName s_authorization = new(KnownHeader.Authorization);

    private readonly CookieSet _cookies = new();
    private readonly ByteWriter _scratch = new(0);
    private readonly ByteWriter _value = new(0);
    private readonly HeaderMap _response = new();
    private FlowKey? _key;

    /// <summary>The request stays here: it waits for tokens, or its answer is on its way.</summary>
    private bool _holds;

    /// <summary>Of the request's route; null: nobody needs to log in.</summary>
    private OAuth2Flow? _flow;

    private OAuth2FilterConfig Config => _flow!.Config;

    private OAuth2Stats Stats => _flow!.Stats;

    /// <summary>Tokens in cookies are encrypted.</summary>
    private bool EncryptsTokens => Config.EncryptsTokens && factory.MayEncryptTokens;

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        _flow = Stream.RouteConfig(this) as OAuth2Flow ?? factory.Flow;
        if (_flow is null) return FilterStatus.Continue;
        if (Config.PassesThrough(headers))
        {
            Stats.PassedThrough.Inc();
            return FilterStatus.Continue;
        }

        _key = Config.Secrets.Key;
        if (_key is null) return Refuse("HMAC secret is not available");
        _cookies.Read(headers);
        TakeToken(Config.Cookies.BearerToken);
        TakeToken(Config.Cookies.IdToken);
        TakeToken(Config.Cookies.RefreshToken);
        // Nobody has checked it.
        if (!Config.PreservesAuthorization) headers.Remove(s_authorization);

        var path = headers.Get(KnownHeader.Path);
        if (Config.IsSignOut(path)) return SignOut(headers);
        var isCallback = Config.IsCallback(path);
        if (Session.IsValid(_cookies, headers.Get(KnownHeader.Authority), Config, _key, worker.Loop.UtcNow, _scratch))
        {
            Stats.Success.Inc();
            return isCallback ? ReturnSignedIn(path) : Pass(headers, _cookies.Get(Config.Cookies.BearerToken.Name));
        }

        if (isCallback) return Redeem(headers, path, endStream);
        if (Config.UsesRefreshToken && !_cookies.Get(Config.Cookies.RefreshToken.Name).IsEmpty) return Renew(endStream);
        return Config.MayRedirect(headers)
            ? SendToLogin(headers)
            : Refuse($"Unauthorized, and redirecting to OAuth server is not allowed: {DetailText.Of(path)}");
    }

    public override FilterStatus OnRequestData(ref BodyChunk chunk) => _holds ? FilterStatus.StopAndBuffer : FilterStatus.Continue;

    public override FilterStatus OnRequestTrailers(HeaderMap trailers) => _holds ? FilterStatus.StopAndBuffer : FilterStatus.Continue;

    /// <summary>
    /// The token is seen as it is from here on, and alone under its name. What cannot be decrypted stays: it was written when nothing was encrypted,
    /// or its signature will not fit.
    /// </summary>
    private void TakeToken(FlowCookie cookie)
    {
        _cookies.RemoveRepeated(cookie.Name);
        var encrypted = _cookies.Get(cookie.Name);
        if (encrypted.IsEmpty || !EncryptsTokens) return;
        _scratch.Clear();
        // Blocks that somebody has tampered with may become any bytes: none that would end a header get further.
        if (_key!.Decrypt(encrypted, _scratch) is null && TokenText.IsValid(_scratch.Written)) _cookies.Set(cookie.Name, _scratch.Written);
    }

    /// <summary>To the services behind, with the tokens.</summary>
    private FilterStatus Pass(HeaderMap headers, ReadOnlySpan<byte> accessToken)
    {
        if (Config.ForwardsBearerToken && !accessToken.IsEmpty)
        {
            _scratch.Clear();
            _scratch.Write("Bearer "u8);
            _scratch.Write(accessToken);
            headers.Set(s_authorization, _scratch.Written);
        }

        if (factory.RemovesFlowCookies) Config.Cookies.RemoveFlow(_cookies);
        if (headers.Has(KnownHeader.Cookie)) _cookies.WriteTo(headers, _scratch);
        return FilterStatus.Continue;
    }

    /// <summary>A second login has ended that began before the first had: on to where the user wanted to go.</summary>
    private FilterStatus ReturnSignedIn(ReadOnlySpan<byte> path)
    {
        if (Callback.Read(path, _cookies, Config.Cookies.Nonce, _key!, out var callback) is { } fault) return Refuse(fault);
        // That would lead back here without end.
        if (Config.IsCallback(callback.UrlPath)) return Refuse($"State url query params matches the redirect path matcher: {DetailText.Of(callback.UrlPath)}");
        BeginRedirect(callback.Url);
        return Answer("oauth.race_redirect");
    }

    /// <summary>To the authorization server, with what will show that the answer belongs to this browser.</summary>
    private FilterStatus SendToLogin(HeaderMap headers)
    {
        var cookies = Config.Cookies;
        var key = _key!;
        BeginRedirect(default);
        var csrfToken = _cookies.Get(cookies.Nonce.Name);
        // One that is good serves for several logins at once, in several windows; another may be of a former secret.
        if (csrfToken.IsEmpty || !CsrfToken.IsGenuine(key, csrfToken))
        {
            _value.Clear();
            CsrfToken.Write(key, _value);
            _cookies.Set(cookies.Nonce.Name, _value.Written);
            cookies.Nonce.Set(_response, _value.Written, Config.CsrfTokenSeconds, _scratch);
            csrfToken = _cookies.Get(cookies.Nonce.Name);
        }

        var login = new LoginTexts();
        WriteAddress(headers, _value);
        FlowState.Write(_value.Written, csrfToken, _scratch, login.State);
        CodeVerifier.Write(login.Verifier);
        CodeVerifier.WriteChallenge(login.Verifier.Written, login.Challenge);
        WriteRedirectUri(headers, login.RedirectUri);
        _value.Clear();
        key.Encrypt(login.Verifier.Written, _value);
        cookies.CodeVerifier.Set(_response, _value.Written, Config.CodeVerifierSeconds, _scratch);
        _value.Clear();
        Config.Authorization.Write(login.State.Written, login.RedirectUri.Written, login.Challenge.Written, _value);
        _response.Set(KnownHeader.Location, _value.Written);
        Stats.Unauthorized.Inc();
        return Answer("oauth.missing_credentials");
    }

    /// <summary>The browser forgets everything, and logs out at the authorization server where there is a place for it.</summary>
    private FilterStatus SignOut(HeaderMap headers)
    {
        BeginRedirect(default);
        Config.Cookies.DeleteAtSignOut(_response);
        _value.Clear();
        _value.Write(headers.Get(KnownHeader.Scheme));
        _value.Write("://"u8);
        _value.Write(headers.Get(KnownHeader.Authority));
        _value.Write((byte)'/');
        if (Config.EndSessionEndpoint.Length > 0)
        {
            _scratch.Clear();
            _scratch.Write(Config.EndSessionEndpoint);
            _scratch.Write("?id_token_hint="u8);
            _scratch.Write(_cookies.Get(Config.Cookies.IdToken.Name));
            _scratch.Write("&client_id="u8);
            _scratch.Write(Config.ClientId);
            _scratch.Write("&post_logout_redirect_uri="u8);
            FormText.WriteBody(_value.Written, _scratch);
            _response.Set(KnownHeader.Location, _scratch.Written);
        }
        else
        {
            _response.Set(KnownHeader.Location, _value.Written);
        }

        return Answer("oauth.sign_out");
    }

    /// <summary>Where the client wanted to go. An unknown scheme counts as https: OAuth needs it.</summary>
    private static void WriteAddress(HeaderMap headers, ByteWriter output)
    {
        output.Clear();
        output.Write(Ascii.EqualsIgnoreCase(headers.Get(KnownHeader.Scheme), "http"u8) ? "http://"u8 : "https://"u8);
        output.Write(headers.Get(KnownHeader.Authority));
        output.Write(headers.Get(KnownHeader.Path));
    }

    private void WriteRedirectUri(HeaderMap headers, ByteWriter output) => Config.RedirectUri.Format(new FormatContext(Stream.Info, headers), output);

    private void BeginRedirect(ReadOnlySpan<byte> location)
    {
        _response.Clear();
        _response.Set(KnownHeader.Status, "302"u8);
        if (!location.IsEmpty) _response.Set(KnownHeader.Location, location);
    }

    /// <summary>Sends <see cref="_response"/>. It is no local reply: neither local_reply_config nor gRPC changes it.</summary>
    private FilterStatus Answer(string details)
    {
        Stream.Info.ResponseCodeDetails = details;
        // Whatever of the request comes now goes nowhere. The stream, and with it this flag, may be over when the call returns.
        _holds = true;
        Stream.EncodeHeaders(_response, endStream: true);
        return FilterStatus.StopAndBuffer;
    }

    private FilterStatus Refuse(string details)
    {
        Stats.Failure.Inc();
        if (Log.IsEnabled(LogLevel.Debug)) Log.Debug($"Responding with 401 Unauthorized. Cause: {details}");
        Stream.SendLocalReply(401, "OAuth flow failed."u8, details);
        return FilterStatus.Ended;
    }

    /// <summary>The parts of an address to log in at; a login may allocate.</summary>
    private readonly struct LoginTexts()
    {
        public ByteWriter State { get; } = new();

        public ByteWriter RedirectUri { get; } = new();

        public ByteWriter Verifier { get; } = new(64);

        public ByteWriter Challenge { get; } = new(64);
    }
}
