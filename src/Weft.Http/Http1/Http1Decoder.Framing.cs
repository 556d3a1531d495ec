using Weft.Http.Urls;

namespace Weft.Http.Http1;

// What a complete head says about the message: whether it is acceptable and how its body is delimited (RFC 9112 section 6).
public sealed partial class Http1Decoder
{
    /// <summary>How the message goes on once its head is delivered.</summary>
    private State _bodyState;
    private long _remaining;
    private bool _upgradeRequested;
    private bool _isConnect;

    /// <summary>Transfer-Encoding in an HTTP/1.0 response.</summary>
    private bool _faultyFraming;

    private int DecodeHead(ReadOnlySpan<byte> data)
    {
        if (!DecodeSection(data, out var taken)) return taken;
        HeadBytes = SectionBytes;
        var more = taken < data.Length;
        var error = _isResponse ? FinishResponseHead(more) : FinishRequestHead(more);
        return error is null ? taken : Fail(error, data.Length);
    }

    private CodecError? FinishRequestHead(bool more)
    {
        if (Protocol == HttpProtocol.Http10 && !_options.AcceptHttp10) return CodecErrors.LowVersion;
        var error = CheckHost() ?? ReadFraming(_isConnect);
        if (error is not null) return error;
        if (_isConnect && _bodyState != State.NoBody) return CodecErrors.BodyDisallowed;
        if (_isConnect) _headers.Remove(KnownHeader.ContentLength);
        FinishFields();

        DropUnheardUpgrade();
        if (_isConnect || HopByHop.IsUpgrade(_headers))
        {
            _state = State.AwaitVerdict;
            _paused = true;
            _handler.OnHeaders(_headers, endStream: false);
        }
        else
        {
            DeliverHead(more);
        }

        return null;
    }

    /// <summary>
    /// An upgrade to cleartext HTTP/2 is not heard, as in Envoy, nor is one asked for in HTTP/1.0 (RFC 9110 section 7.8): what asks for it
    /// is removed, so that nobody behind takes the message for one.
    /// </summary>
    private void DropUnheardUpgrade()
    {
        if (!HopByHop.IsUpgrade(_headers)) return;
        var isHeard = _isResponse || Protocol == HttpProtocol.Http11;
        if (isHeard && !System.Text.Ascii.EqualsIgnoreCase(_headers.Get(KnownHeader.Upgrade), "h2c"u8))
        {
            if (_options.IgnoresUpgrade is { } ignores) DropIgnoredUpgrades(ignores);
            return;
        }

        _headers.Remove(KnownHeader.Upgrade);
        _headers.Remove(KnownHeader.Http2Settings);
    }

    private void DropIgnoredUpgrades(UpgradeMatch ignores)
    {
        var upgrade = _headers.Get(KnownHeader.Upgrade);
        Span<byte> kept = upgrade.Length <= 256 ? stackalloc byte[upgrade.Length] : new byte[upgrade.Length];
        var length = 0;
        foreach (var member in new CommaList(upgrade))
        {
            if (ignores(member)) continue;
            if (length > 0) kept[length++] = (byte)',';
            member.CopyTo(kept[length..]);
            length += member.Length;
        }

        if (length > 0) _headers.Set(KnownHeader.Upgrade, kept[..length]);
        else _headers.Remove(KnownHeader.Upgrade);
    }

    /// <summary>RFC 9112 section 3.2: one Host, which gives way to the authority of the request target.</summary>
    private CodecError? CheckHost()
    {
        if (_headers.IsRepeated(KnownHeader.Host)) return CodecErrors.RepeatedHost;
        var inTarget = _headers.HasOwn(KnownHeader.Authority);
        if (_headers.HasOwn(KnownHeader.Host))
        {
            if (!Authority.IsValid(_headers.GetOwn(KnownHeader.Host))) return CodecErrors.InvalidAuthority;
            if (inTarget) _headers.Remove(KnownHeader.Host);
            else _headers.MakeHostAuthority();
            return null;
        }

        if (inTarget) return null;
        if (Protocol != HttpProtocol.Http10 || _defaultHost.Length == 0) return CodecErrors.MissingHost;
        _headers.Add(KnownHeader.Authority, _defaultHost);
        return null;
    }

    private CodecError? FinishResponseHead(bool more)
    {
        var status = _headers.Status;
        if (status is < 200 or 204)
        {
            if (_headers.Has(KnownHeader.TransferEncoding)) return CodecErrors.TransferEncodingNotAllowed;
            if (_headers.Has(KnownHeader.ContentLength))
            {
                if (_headers.IsRepeated(KnownHeader.ContentLength) || !_headers.Get(KnownHeader.ContentLength).SequenceEqual("0"u8))
                    return CodecErrors.ContentLengthNotAllowed;
                _headers.Remove(KnownHeader.ContentLength);
            }
        }

        if (status < 200 && status != 101)
        {
            FinishFields();
            DeliverInformational();
            return null;
        }

        if (status == 101 && !_upgradeRequested) return CodecErrors.UnrequestedUpgrade;
        var error = ReadFraming(isConnect: false);
        if (error is not null) return error;
        FinishFields();
        if (_upgradeRequested) DropUnheardUpgrade();
        if (status == 101 || (_expected == Expected.Tunnel && status < 300)) _bodyState = State.Tunnel;
        else if (_expected == Expected.NoBody || status is 204 or 304) _bodyState = State.NoBody;
        else if (_bodyState == State.NoBody && !_headers.Has(KnownHeader.ContentLength)) _bodyState = State.BodyUntilClose;
        if (_bodyState is State.BodyUntilClose or State.Tunnel) KeepAlive = false;
        DeliverHead(more);
        return null;
    }

    /// <summary>The next head is the final one, or another 1xx; it begins in what is left of the input.</summary>
    private void DeliverInformational()
    {
        var headers = _headers;
        _handler.OnInformational(headers);
        if (_state != State.Head || _interrupted) return;
        headers.Clear();
        BeginSection(headers, startLine: true);
    }

    private void DeliverHead(bool more)
    {
        _state = _bodyState;
        if (_state != State.NoBody)
        {
            _handler.OnHeaders(_headers, endStream: false);
            return;
        }

        EndMessage(more);
        _handler.OnHeaders(_headers, endStream: true);
    }

    /// <summary>The end of a message without body whose head was delivered without saying so.</summary>
    private void EndWithoutBody(bool more)
    {
        EndMessage(more);
        _handler.OnData(default, endStream: true);
    }

    /// <summary>Content-Length and Transfer-Encoding, as strictly as RFC 9112 section 6.3 permits.</summary>
    private CodecError? ReadFraming(bool isConnect)
    {
        _faultyFraming = false;
        _bodyState = State.NoBody;
        var hasLength = _headers.Has(KnownHeader.ContentLength);
        if (_headers.Has(KnownHeader.TransferEncoding)) return ReadTransferEncoding(hasLength, isConnect);
        if (!hasLength) return null;
        if (_headers.IsRepeated(KnownHeader.ContentLength)) return CodecErrors.RepeatedContentLength;
        if (!TryParseLength(_headers.Get(KnownHeader.ContentLength), out _remaining)) return CodecErrors.InvalidContentLength;
        if (_remaining > 0) _bodyState = State.FixedBody;
        return null;
    }

    private CodecError? ReadTransferEncoding(bool hasLength, bool isConnect)
    {
        var isChunked = System.Text.Ascii.EqualsIgnoreCase(_headers.Get(KnownHeader.TransferEncoding), "chunked"u8);
        if (hasLength)
        {
            if (!isChunked || !_options.AllowChunkedLength) return CodecErrors.ChunkedContentLength;
            _headers.Remove(KnownHeader.ContentLength);
        }

        if (!isChunked || isConnect) return CodecErrors.UnknownTransferEncoding;
        if (_headers.IsRepeated(KnownHeader.TransferEncoding)) return CodecErrors.RepeatedTransferEncoding;
        if (Protocol == HttpProtocol.Http10)
        {
            // RFC 9112 section 6.1: framing is in doubt; a response may still be read, then the connection is to be closed.
            if (!_isResponse) return CodecErrors.TransferEncodingInHttp10;
            _faultyFraming = true;
        }

        BeginChunks();
        return null;
    }

    /// <summary>Digits alone; leading zeros count as decimal. Up to 2^63 - 1.</summary>
    private static bool TryParseLength(ReadOnlySpan<byte> text, out long length)
    {
        length = 0;
        if (text.IsEmpty) return false;
        foreach (var c in text)
        {
            var digit = c - '0';
            if ((uint)digit > 9 || length > (long.MaxValue - digit) / 10) return false;
            length = length * 10 + digit;
        }

        return true;
    }

    /// <summary>What holds for every head that is delivered: joined fields, and whether the connection may go on.</summary>
    private void FinishFields()
    {
        if (_headers.HasRepeats) _headers.JoinRepeats();
        KeepAlive = HopByHop.AllowsKeepAlive(_headers, Protocol) && !_faultyFraming;
    }
}
