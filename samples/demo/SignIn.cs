using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Weft.Samples.Demo;

/// <summary>
/// A toy of an authorization server (RFC 6749, with the proof of RFC 7636): everybody is Anna, and signed in without being asked. <c>/authorize</c> sends the
/// browser back with a code that counts once; <c>POST /token</c> gives <c>anna-1</c>, <c>anna-2</c> and so on for a code or a refresh token. It knows one client,
/// whose secret is <c>sesame</c>. Any thread.
/// </summary>
internal sealed class SignIn
{
    private const string ClientSecret = "sesame";
    private const int TokenSeconds = 5;

    private readonly ConcurrentDictionary<string, string> _challengeOfCode = new();
    private readonly ConcurrentDictionary<string, bool> _refreshTokens = new();
    private int _tokens;

    /// <summary>Answers the browser.</summary>
    public Task AuthorizeAsync(HttpContext context)
    {
        var query = context.Request.Query;
        if (query["redirect_uri"].ToString() is not { Length: > 0 } back || query["code_challenge"].ToString() is not { Length: > 0 } challenge)
            return RefuseAsync(context, "expected redirect_uri and code_challenge");
        var code = Guid.NewGuid().ToString("N");
        _challengeOfCode[code] = challenge;
        context.Response.Redirect($"{back}?code={code}&state={Uri.EscapeDataString(query["state"].ToString())}");
        return Task.CompletedTask;
    }

    /// <summary>Answers the proxy.</summary>
    public async Task TokenAsync(HttpContext context)
    {
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : FormCollection.Empty;
        if (form["client_secret"] != ClientSecret || !IsGranted(form))
        {
            await RefuseAsync(context, "invalid_grant");
            return;
        }

        var token = $"anna-{Interlocked.Increment(ref _tokens)}";
        _refreshTokens[$"again-{token}"] = true;
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.Body);
        json.WriteStartObject();
        json.WriteString("access_token", token);
        json.WriteString("refresh_token", $"again-{token}");
        json.WriteString("token_type", "Bearer");
        json.WriteNumber("expires_in", TokenSeconds);
        json.WriteEndObject();
    }

    private bool IsGranted(IFormCollection form) => form["grant_type"] == "refresh_token"
        ? _refreshTokens.TryRemove(form["refresh_token"].ToString(), out _)
        : _challengeOfCode.TryRemove(form["code"].ToString(), out var challenge) && challenge == ChallengeOf(form["code_verifier"].ToString());

    private static string ChallengeOf(string verifier) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));

    private static Task RefuseAsync(HttpContext context, string why)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return context.WriteLineAsync(why);
    }
}
