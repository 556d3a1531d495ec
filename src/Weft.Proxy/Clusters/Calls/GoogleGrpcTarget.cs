using System.Globalization;
using System.Net;

namespace Weft.Proxy.Clusters.Calls;

/// <summary>target_uri of google_grpc, as gRPC libraries read it: <c>host:port</c>, <c>dns:///host:port</c>, <c>ipv4:1.2.3.4:50051</c>, <c>unix:/path</c>. Immutable.</summary>
/// <param name="Host">A name or an IP address; a path for <paramref name="IsUnix"/>.</param>
/// <param name="Port">443 where none is given.</param>
internal sealed record GoogleGrpcTarget(string Host, uint Port, bool IsUnix)
{
    private const uint DefaultPort = 443;

    /// <summary>An address rather than a name.</summary>
    public bool IsAddress => IsUnix || IPAddress.TryParse(Host, out _);

    /// <summary>What the call's :authority says.</summary>
    public string Authority => IsUnix ? "localhost" : Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    /// <summary>Null when it cannot be read.</summary>
    public static GoogleGrpcTarget? Parse(string uri)
    {
        if (uri.StartsWith("unix:", StringComparison.Ordinal))
            return new GoogleGrpcTarget(uri["unix:".Length..].Replace("///", "/", StringComparison.Ordinal), 0, IsUnix: true);
        foreach (var scheme in new[] { "dns:", "ipv4:", "ipv6:" })
        {
            if (uri.StartsWith(scheme, StringComparison.Ordinal))
                return ParseHost(uri[scheme.Length..].TrimStart('/'));
        }

        return uri.Contains("://", StringComparison.Ordinal) ? null : ParseHost(uri);
    }

    private static GoogleGrpcTarget? ParseHost(string text)
    {
        var end = text.StartsWith('[') ? text.IndexOf(']', StringComparison.Ordinal) + 1 : text.LastIndexOf(':');
        if (end <= 0 || end == text.Length || text[end] != ':')
            return text.Length == 0 || text.StartsWith(':') ? null : new GoogleGrpcTarget(text.Trim('[', ']'), DefaultPort, IsUnix: false);
        return uint.TryParse(text[(end + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= ushort.MaxValue
            ? new GoogleGrpcTarget(text[..end].Trim('[', ']'), port, IsUnix: false)
            : null;
    }
}
