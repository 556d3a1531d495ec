using System.Buffers;
using System.Buffers.Text;
using Weft.Base.Buffers;
using Weft.Http;

namespace Weft.Proxy.HttpFilters.BasicAuth;

/// <summary>Lets only those pass who give a name and password that are known (RFC 7617); others get 401. Pooled; worker thread.</summary>
internal sealed class BasicAuthFilter(BasicAuthFilterFactory factory) : HttpFilter
{
    private const int MaxRealmPathBytes = 256;

    private static readonly HeaderName s_authenticate = new("www-authenticate");

    private readonly ByteWriter _scratch = new(0);

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        var users = Stream.RouteConfig(this) as BasicAuthUsers ?? factory.Users;
        var index = headers.IndexOf(factory.CredentialsHeader);
        if (index < 0)
            return Deny("User authentication failed. Missing username and password."u8, "no_credential_for_basic_auth");
        var given = headers.ValueAt(index);
        if (!given.StartsWith("Basic "u8))
            return Deny("User authentication failed. Expected 'Basic' authentication scheme."u8, "invalid_scheme_for_basic_auth");
        var credentials = Decode(given["Basic "u8.Length..]);
        var colon = credentials.IndexOf((byte)':');
        if (colon < 0)
            return Deny("User authentication failed. Invalid basic credential format."u8, "invalid_format_for_basic_auth");
        if (!users.Knows(credentials[..colon], credentials[(colon + 1)..]))
            return Deny("User authentication failed. Invalid username/password combination."u8, "invalid_credential_for_basic_auth");
        if (factory.UsernameHeader is { } header)
            headers.Set(header, credentials[..colon]);
        factory.Allowed.Inc();
        return FilterStatus.Continue;
    }

    /// <summary>The text of base64, with or without its padding; empty when it is none.</summary>
    private ReadOnlySpan<byte> Decode(ReadOnlySpan<byte> base64)
    {
        base64 = base64.TrimEnd((byte)'=');
        _scratch.Clear();
        _scratch.Write(base64);
        while (_scratch.Length % 4 != 0)
            _scratch.Write((byte)'=');
        // Behind the padded text, in the same array.
        var text = _scratch.GetSpan(Base64.GetMaxDecodedFromUtf8Length(_scratch.Length));
        return Base64.DecodeFromUtf8(_scratch.Written, text, out _, out var length) == OperationStatus.Done ? text[..length] : default;
    }

    private FilterStatus Deny(ReadOnlySpan<byte> body, string details)
    {
        factory.Denied.Inc();
        var headers = Stream.RequestHeaders;
        var path = headers.Has(KnownHeader.XEnvoyOriginalPath) ? headers.Get(KnownHeader.XEnvoyOriginalPath) : headers.Get(KnownHeader.Path);
        _scratch.Clear();
        _scratch.Write("Basic realm=\""u8);
        _scratch.Write(headers.Get(KnownHeader.Scheme));
        _scratch.Write("://"u8);
        _scratch.Write(headers.Get(KnownHeader.Authority));
        _scratch.Write(path.Length > MaxRealmPathBytes ? path[..MaxRealmPathBytes] : path);
        _scratch.Write("\""u8);
        Stream.LocalReplyHeaders.Set(s_authenticate, _scratch.Written);
        Stream.SendLocalReply(401, body, details);
        return FilterStatus.Ended;
    }
}
