using Weft.Http;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers.AddressDetection;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.Streams;
using HcmMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers;

/// <summary>What is known about who sends a request.</summary>
/// <param name="IsInternal">It comes from within: x-envoy-* are believed.</param>
/// <param name="IsEdge">This proxy is where it enters from outside.</param>
internal readonly record struct ClientStanding(bool IsInternal, bool IsEdge);

/// <summary>
/// Finds the client's address (use_remote_address, xff_num_trusted_hops, original_ip_detection_extensions) and appends the peer's to x-forwarded-for. Immutable;
/// any thread.
/// </summary>
internal sealed class ClientAddressRules
{
    private static readonly HeaderName s_forwardedFor = new(KnownHeader.XForwardedFor);

    private readonly bool _useRemoteAddress;
    private readonly uint _trustedHops;
    private readonly bool _skipAppend;
    private readonly AddressDetector[] _detectors;
    private readonly InternalAddresses _internal;
    private readonly NetAddress _ownAddress;

    public ClientAddressRules(HcmMessage source, FactoryContext context)
    {
        _useRemoteAddress = source.UseRemoteAddress ?? false;
        _trustedHops = source.XffNumTrustedHops;
        _skipAppend = source.SkipXffAppend;
        _detectors = AddressDetectors.Create(source, context.Config);
        _internal = new InternalAddresses(source.InternalAddressConfig, context.Config);
        _ownAddress = context.Node.Address;
    }

    /// <summary>Sets <see cref="StreamInfo.DownstreamRemoteAddress"/>; refuses where the client must be known and is not.</summary>
    public RequestVerdict Apply(HeaderMap headers, StreamInfo info, out ClientStanding standing)
    {
        standing = default;
        JoinForwardedFor(headers);
        // That of the connection: the socket's peer, or who a PROXY header says it is.
        var peer = info.DownstreamRemoteAddress;
        bool found, mayBeInternal;
        NetAddress address;
        var verdict = RequestVerdict.Continue;
        if (_useRemoteAddress)
        {
            mayBeInternal = !headers.Has(KnownHeader.XForwardedFor);
            found = true;
            if (_trustedHops == 0 || !ForwardedFor.TryGetFromEnd(headers, _trustedHops - 1, out address)) address = peer;
            if (!_skipAppend) Append(headers, peer);
        }
        else
        {
            found = TryDetect(headers, peer, out address, out mayBeInternal, out verdict);
        }

        var isInternal = found && mayBeInternal && _internal.Contains(address);
        info.DownstreamRemoteAddress = found ? address : peer;
        standing = new ClientStanding(isInternal, !isInternal && _useRemoteAddress);
        return verdict;
    }

    /// <summary>By the first detector that finds something.</summary>
    private bool TryDetect(HeaderMap headers, NetAddress peer, out NetAddress address, out bool mayBeInternal, out RequestVerdict verdict)
    {
        verdict = RequestVerdict.Continue;
        foreach (var detector in _detectors)
        {
            var isFound = detector.TryDetect(headers, peer, out address, out mayBeInternal);
            if (!isFound && detector.Rejection is { } rejection)
            {
                verdict = rejection;
                break;
            }

            if (detector.AppendsPeer(peer)) Append(headers, peer);
            if (isFound) return true;
        }

        address = default;
        mayBeInternal = false;
        return false;
    }

    /// <summary>Several headers are one list (RFC 9110 section 5.3); all that reads it should see the same.</summary>
    private static void JoinForwardedFor(HeaderMap headers)
    {
        var first = headers.IndexOf(s_forwardedFor);
        if (first >= 0 && headers.IndexOf(s_forwardedFor, first + 1) >= 0)
            headers.Set(KnownHeader.XForwardedFor, HeaderValues.Joined(headers, s_forwardedFor, first));
    }

    private void Append(HeaderMap headers, NetAddress peer)
    {
        // A loopback address would mean another host to whoever reads it.
        if (peer.IsLoopback) peer = _ownAddress;
        if (peer.Kind is not (NetAddressKind.IPv4 or NetAddressKind.IPv6)) return;
        Span<byte> text = stackalloc byte[NetAddress.MaxTextBytes];
        headers.Append(s_forwardedFor, text[..peer.Format(text, withPort: false)], ","u8);
    }
}
