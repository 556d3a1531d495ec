using System.Text;
using Weft.Http;
using Weft.Net;
using Weft.Proxy.Streams;
using HcmMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers;

/// <summary>x-forwarded-proto, x-forwarded-port and :scheme. What a client says is believed only behind a trusted hop. Immutable; any thread.</summary>
internal sealed class ForwardedHeaders
{
    private readonly bool _overwrites;
    private readonly bool _appendsPort;
    private readonly byte[] _scheme;
    private readonly bool _schemeFollowsUpstream;

    public ForwardedHeaders(HcmMessage source)
    {
        _overwrites = (source.UseRemoteAddress ?? false) && source.XffNumTrustedHops == 0;
        _appendsPort = source.AppendXForwardedPort;
        _scheme = Encoding.UTF8.GetBytes(source.SchemeHeaderTransformation?.SchemeToOverwrite ?? "");
        _schemeFollowsUpstream = _scheme.Length == 0 && (source.SchemeHeaderTransformation?.MatchUpstream ?? false);
    }

    public void Apply(HeaderMap headers, StreamInfo info, bool tls)
    {
        info.SchemeFollowsUpstream = _schemeFollowsUpstream;
        var actual = tls ? "https"u8 : "http"u8;
        if (_overwrites || !headers.Has(KnownHeader.XForwardedProto)) headers.Set(KnownHeader.XForwardedProto, actual);
        if (_appendsPort && (_overwrites || !headers.Has(KnownHeader.XForwardedPort)) && info.DownstreamLocalAddress.Kind is NetAddressKind.IPv4 or NetAddressKind.IPv6)
            headers.Set(KnownHeader.XForwardedPort, info.DownstreamLocalAddress.Port);
        if (_scheme.Length > 0)
        {
            headers.Set(KnownHeader.Scheme, _scheme);
            headers.Set(KnownHeader.XForwardedProto, _scheme);
        }
        else if (!headers.Has(KnownHeader.Scheme))
        {
            var claimed = headers.Get(KnownHeader.XForwardedProto);
            headers.Set(KnownHeader.Scheme, IsScheme(claimed) ? claimed : actual);
        }

        LowerScheme(headers);
    }

    private static bool IsScheme(ReadOnlySpan<byte> text)
        => System.Text.Ascii.EqualsIgnoreCase(text, "http"u8) || System.Text.Ascii.EqualsIgnoreCase(text, "https"u8);

    private static void LowerScheme(HeaderMap headers)
    {
        var scheme = headers.Get(KnownHeader.Scheme);
        if (scheme.Length > 16 || !scheme.ContainsAnyInRange((byte)'A', (byte)'Z')) return;
        Span<byte> lower = stackalloc byte[16];
        System.Text.Ascii.ToLower(scheme, lower, out var length);
        headers.Set(KnownHeader.Scheme, lower[..length]);
    }
}
