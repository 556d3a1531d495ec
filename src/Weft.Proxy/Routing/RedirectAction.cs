using System.Text;
using Weft.Base.Buffers;
using Weft.Http;
using Weft.Http.Urls;
using Weft.Proxy.Routing.Matching;

namespace Weft.Proxy.Routing;

/// <summary>RedirectAction. Immutable; any thread.</summary>
public sealed class RedirectAction
{
    /// <summary>301, 302, 303, 307 or 308; default 301.</summary>
    public int Status { get; init; } = 301;

    /// <summary>scheme_redirect, or https with https_redirect; empty: the request's.</summary>
    internal byte[] Scheme { get; init; } = [];

    /// <summary>host_redirect; empty: the request's.</summary>
    internal byte[] Host { get; init; } = [];

    /// <summary>port_redirect with its colon; empty: none, the request's stays with its host.</summary>
    internal byte[] Port { get; init; } = [];

    /// <summary>path_redirect; empty: the request's. Its own query, if it has one, replaces the request's.</summary>
    internal byte[] Path { get; init; } = [];

    /// <summary>prefix_rewrite or regex_rewrite.</summary>
    internal PathRewrite? Rewrite { get; init; }

    internal bool StripsQuery { get; init; }

    /// <summary>require_tls: the host stays as it is, port included.</summary>
    internal bool KeepsHost { get; init; }

    /// <summary>Appends the Location of a request.</summary>
    public void WriteLocation(HeaderMap requestHeaders, ByteWriter output)
    {
        var scheme = Scheme.Length > 0 ? Scheme : requestHeaders.Get(KnownHeader.Scheme);
        output.Write(scheme);
        output.Write("://"u8);
        output.Write(Host.Length > 0 ? Host : RequestHost(requestHeaders, scheme));
        output.Write(Port);
        WritePath(requestHeaders.Get(KnownHeader.Path), output);
    }

    /// <summary>
    /// The request's host: without its port when there is a new one, or when the scheme changes and the port was the default
    /// of the old one. The old scheme is x-forwarded-proto, since that tells of the client's connection.
    /// </summary>
    private ReadOnlySpan<byte> RequestHost(HeaderMap headers, ReadOnlySpan<byte> newScheme)
    {
        var host = headers.Get(KnownHeader.Authority);
        var colon = KeepsHost ? -1 : Authority.PortStart(host);
        if (colon < 0) return host;
        if (Port.Length > 0) return host[..colon];
        var old = headers.Get(KnownHeader.XForwardedProto);
        if (newScheme.SequenceEqual(old)) return host;
        var isDefault = (AsciiBytes.EqualsIgnoreCase(old, "https"u8) && host[colon..].SequenceEqual(":443"u8))
            || (AsciiBytes.EqualsIgnoreCase(old, "http"u8) && host[colon..].SequenceEqual(":80"u8));
        return isDefault ? host[..colon] : host;
    }

    private void WritePath(ReadOnlySpan<byte> requestPath, ByteWriter output)
    {
        var start = output.Length;
        var ownQuery = Path.AsSpan().Contains((byte)'?');
        if (Path.Length > 0)
        {
            WriteSlash(Path, output);
            output.Write(Path);
            var question = requestPath.IndexOf((byte)'?');
            if (!ownQuery && question >= 0) output.Write(requestPath[question..]);
        }
        else if (Rewrite is not null)
        {
            // The slash goes before what the rewrite gives, which is not known yet.
            var rewritten = MatchScratch.OfThread.Rewritten;
            rewritten.Clear();
            Rewrite.Write(requestPath, rewritten);
            WriteSlash(rewritten.Written, output);
            output.Write(rewritten.Written);
        }
        else
        {
            WriteSlash(requestPath, output);
            output.Write(requestPath);
        }

        if (!StripsQuery || ownQuery) return;
        var query = output.Written[start..].IndexOf((byte)'?');
        if (query >= 0) output.Truncate(start + query);
    }

    private static void WriteSlash(ReadOnlySpan<byte> path, ByteWriter output)
    {
        if (!path.StartsWith("/"u8)) output.Write((byte)'/');
    }

    internal static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
