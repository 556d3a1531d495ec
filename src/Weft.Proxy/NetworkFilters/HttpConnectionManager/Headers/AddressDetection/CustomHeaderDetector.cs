using Envoy.Extensions.Http.OriginalIpDetection.CustomHeader.V3;
using Weft.Http;
using Weft.Net;
using Weft.Proxy.Streams;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers.AddressDetection;

/// <summary>envoy.http.original_ip_detection.custom_header: by a header that a network in front of this proxy writes. Its first value counts.</summary>
internal sealed class CustomHeaderDetector(CustomHeaderConfig config) : AddressDetector
{
    private const int DefaultRejection = 403;

    private readonly HeaderName _name = new(config.HeaderName);
    private readonly bool _isTrusted = config.AllowExtensionToSetAddressAsTrusted;

    public override RequestVerdict? Rejection { get; } = RejectionOf(config);

    public override bool TryDetect(HeaderMap headers, NetAddress peer, out NetAddress address, out bool mayBeInternal)
    {
        mayBeInternal = _isTrusted;
        address = default;
        var index = headers.IndexOf(_name);
        return index >= 0 && NetAddress.TryParseIP(headers.ValueAt(index), out address);
    }

    /// <summary>Only an error can reject.</summary>
    private static RequestVerdict? RejectionOf(CustomHeaderConfig config)
    {
        if (config.RejectWithStatus is not { } status)
            return null;
        var code = (int)status.Code;
        return new RequestVerdict(code is >= 400 and < 600 ? code : DefaultRejection, RequestVerdict.UnknownClient, ResponseFlags.None, false);
    }
}
