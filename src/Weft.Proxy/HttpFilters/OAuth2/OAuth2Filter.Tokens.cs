using Weft.Http;

namespace Weft.Proxy.HttpFilters.OAuth2;

/// <content>Waiting for the token endpoint, and what comes of it.</content>
internal sealed partial class OAuth2Filter : ITokenReceiver
{
    private enum Wait : byte
    {
        None,

        /// <summary>A login ends: a code is exchanged.</summary>
        Code,

        /// <summary>A session goes on: its refresh token is exchanged.</summary>
        Refresh,
    }

    private TokenClient? _tokens;
    private OAuth2Flow? _flowOfTokens;
    private Wait _wait;

    /// <summary>Within the call that asks: what comes of it is told by what that returns.</summary>
    private bool _isStarting;

    private bool _isRequestPaused;

    /// <summary>Where a login leads when it has succeeded.</summary>
    private byte[] _url = [];

    /// <summary>Of a request that waited for it: the browser learns of it with the response.</summary>
    private Session? _renewed;

    public override FilterStatus OnResponseHeaders(HeaderMap headers, bool endStream)
    {
        if (_renewed is not { } session) return FilterStatus.Continue;
        _renewed = null;
        session.WriteTo(headers, EncryptsTokens ? _key : null, _scratch, _value);
        return FilterStatus.Continue;
    }

    public override void OnReset()
    {
        _tokens?.Cancel();
        ResumeRequest();
        (_wait, _holds, _isStarting) = (Wait.None, false, false);
        (_renewed, _key, _flow, _url) = (null, null, null, []);
        _cookies.Clear();
        _response.Clear();
    }

    void ITokenReceiver.OnGranted(TokenGrant grant)
    {
        var wait = EndWait();
        var headers = Stream.RequestHeaders;
        var session = new Session(grant, _cookies, isRenewal: wait == Wait.Refresh, Config, worker.Loop.UtcNow);
        session.Sign(headers.Get(KnownHeader.Authority), _key!, _scratch);
        if (wait == Wait.Code)
        {
            BeginRedirect(_url);
            session.WriteTo(_response, EncryptsTokens ? _key : null, _scratch, _value);
            Stats.Success.Inc();
            Answer("oauth.logged_in");
            return;
        }

        session.WriteTo(_cookies);
        _renewed = session;
        Stats.RefreshSuccess.Inc();
        Stats.Success.Inc();
        Pass(headers, session.AccessToken);
        _holds = false;
        if (!_isStarting) Stream.ContinueRequest(this);
    }

    void ITokenReceiver.OnRefused(int status, string text)
    {
        if (EndWait() == Wait.Code)
        {
            Refuse($"Failed to get access token, response code: {status}, response body: {text}");
            return;
        }

        Stats.RefreshFailure.Inc();
        var headers = Stream.RequestHeaders;
        if (Config.MayRedirect(headers)) SendToLogin(headers);
        else Refuse("Failed to refresh the access token, and redirecting to OAuth server is not allowed");
    }

    void ITokenReceiver.OnUnusable(string details)
    {
        EndWait();
        Refuse(details);
    }

    /// <summary>The authorization server has sent the user back, with a code for tokens.</summary>
    private FilterStatus Redeem(HeaderMap headers, ReadOnlySpan<byte> path, bool endStream)
    {
        var cookies = Config.Cookies;
        if (Callback.Read(path, _cookies, cookies.Nonce, _key!, out var callback) is { } fault) return Refuse(fault);
        var encrypted = _cookies.Get(cookies.CodeVerifier.Name);
        if (encrypted.IsEmpty) return Refuse("Code verifier cookie is missing in the request");
        _scratch.Clear();
        // What somebody has tampered with may become any bytes, further fields of the form among them.
        var unreadable = _key!.Decrypt(encrypted, _scratch) ?? (CodeVerifier.IsWellFormed(_scratch.Written) ? null : "it is no code verifier");
        if (unreadable is not null)
            return Refuse($"Failed to decrypt code verifier: {DetailText.Of(encrypted)}, error: {unreadable}");

        _url = callback.Url;
        _value.Clear();
        WriteRedirectUri(headers, _value);
        var client = TokenClientOf();
        Config.Tokens.WriteCodeExchange(callback.Code, _value.Written, _scratch.Written, client.Body);
        return Ask(client, Wait.Code, endStream);
    }

    /// <summary>The access token is over, and there is a refresh token.</summary>
    private FilterStatus Renew(bool endStream)
    {
        var client = TokenClientOf();
        Config.Tokens.WriteRefresh(_cookies.Get(Config.Cookies.RefreshToken.Name), client.Body);
        return Ask(client, Wait.Refresh, endStream);
    }

    private TokenClient TokenClientOf()
    {
        if (_tokens is null || _flowOfTokens != _flow)
            (_tokens, _flowOfTokens) = (new TokenClient(Config, worker, this), _flow);
        _tokens.Body.Clear();
        return _tokens;
    }

    private FilterStatus Ask(TokenClient client, Wait wait, bool endStream)
    {
        (_wait, _holds, _isStarting) = (wait, true, true);
        client.Send();
        _isStarting = false;
        if (_wait != Wait.None && !endStream)
        {
            // The body waits where it is, not in memory.
            _isRequestPaused = true;
            Stream.PauseRequest();
        }

        // Where the answer came at once, a stream that is over does not ask.
        return _holds ? FilterStatus.StopAndBuffer : FilterStatus.Continue;
    }

    private Wait EndWait()
    {
        var wait = _wait;
        _wait = Wait.None;
        ResumeRequest();
        return wait;
    }

    private void ResumeRequest()
    {
        if (!_isRequestPaused) return;
        _isRequestPaused = false;
        Stream.ResumeRequest();
    }
}
