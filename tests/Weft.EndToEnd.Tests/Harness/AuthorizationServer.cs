using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>
/// An authorization server (RFC 6749) that knows one client and signs everybody in at once: codes count once and only with the verifier of their
/// challenge (RFC 7636), refresh tokens once. Tokens are <c>access-1</c>, <c>refresh-1</c>, <c>access-2</c> and so on.
/// </summary>
internal sealed class AuthorizationServer : IDisposable
{
    public const string ClientId = "app";
    public const string ClientSecret = "s3cret";

    private readonly ScriptedUpstream _server;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (string Challenge, string RedirectUri)> _codes = [];
    private readonly HashSet<string> _refreshTokens = [];
    private readonly List<RawPeer> _peers = [];
    private int _codesGiven;
    private int _grants;

    public AuthorizationServer() => _server = new ScriptedUpstream(ServeAsync);

    public int Port => _server.Port;

    /// <summary>Of the access tokens that are granted next.</summary>
    public int ExpiresInSeconds { get; set; } = 600;

    /// <summary>How often tokens were granted.</summary>
    public int Grants => Volatile.Read(ref _grants);

    /// <summary>Ends every session: no refresh token counts any more.</summary>
    public void ForgetSessions()
    {
        lock (_lock)
            _refreshTokens.Clear();
    }

    /// <summary>Down: nobody listens any more, and kept connections are closed.</summary>
    public void Dispose()
    {
        _server.Dispose();
        lock (_lock)
            _peers.ForEach(static peer => peer.Dispose());
    }

    /// <summary>The fields of a query or a form.</summary>
    public static Dictionary<string, string> Fields(string text) => text.Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(static field => field.Split('=', 2)).ToDictionary(static field => field[0], static field => Uri.UnescapeDataString(field[1]));

    private async Task ServeAsync(RawPeer peer, int number)
    {
        lock (_lock)
            _peers.Add(peer);
        while (true)
        {
            var head = await peer.ReadUntilAsync("\r\n\r\n");
            var start = head.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
            var lengthLine = head[..start].Split("\r\n").FirstOrDefault(static line => line.StartsWith("content-length:", StringComparison.OrdinalIgnoreCase));
            var length = lengthLine is null ? 0 : int.Parse(lengthLine.Split(':')[1], CultureInfo.InvariantCulture);
            var all = await peer.ReadUntilAsync(start + length);
            peer.Forget();
            var target = head.Split(' ')[1];
            await peer.SendAsync(target.StartsWith("/authorize?", StringComparison.Ordinal) ? Authorize(Fields(target.Split('?')[1])) : Token(Fields(all[start..])));
        }
    }

    private string Authorize(Dictionary<string, string> query)
    {
        if (query["client_id"] != ClientId || query["response_type"] != "code" || query["code_challenge_method"] != "S256")
            return Answer(400, "unknown client");
        lock (_lock)
        {
            var code = $"code-{++_codesGiven}";
            _codes[code] = (query["code_challenge"], query["redirect_uri"]);
            return $"HTTP/1.1 302 Found\r\nlocation: {query["redirect_uri"]}?code={code}&state={query["state"]}\r\ncontent-length: 0\r\n\r\n";
        }
    }

    private string Token(Dictionary<string, string> form)
    {
        if (form.GetValueOrDefault("client_id") != ClientId || form.GetValueOrDefault("client_secret") != ClientSecret)
            return Answer(401, """{"error":"invalid_client"}""");
        lock (_lock)
            return IsGranted(form) ? Grant() : Answer(400, """{"error":"invalid_grant"}""");
    }

    private bool IsGranted(Dictionary<string, string> form)
    {
        if (form["grant_type"] == "refresh_token")
            return _refreshTokens.Remove(form["refresh_token"]);
        return _codes.Remove(form["code"], out var login)
            && form["redirect_uri"] == login.RedirectUri
            && Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"]))) == login.Challenge;
    }

    private string Grant()
    {
        var number = Interlocked.Increment(ref _grants);
        _refreshTokens.Add($"refresh-{number}");
        return Answer(200, $$"""{"access_token":"access-{{number}}","refresh_token":"refresh-{{number}}","token_type":"Bearer","expires_in":{{ExpiresInSeconds}}}""");
    }

    private static string Answer(int status, string json) => $"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {json.Length}\r\n\r\n{json}";
}
