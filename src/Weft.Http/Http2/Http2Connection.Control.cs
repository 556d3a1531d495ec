using System.Buffers.Binary;
using Weft.Http.Http2.Frames;

namespace Weft.Http.Http2;

// The frames that are about the connection, or about how a stream goes, and not part of a message.
public sealed partial class Http2Connection
{
    /// <summary>More settings in one frame can only be meant to cost something.</summary>
    private const int MaxSettings = 32;

    /// <summary>What every server should allow (RFC 9113 section 6.5.2): how many streams a client opens before it knows.</summary>
    public const int UnknownMaxStreams = 100;

    private int _peerStreamWindow = DefaultWindowBytes;
    private uint _peerMaxStreams = UnknownMaxStreams;

    /// <summary>Clients: how many streams the server takes at once. Until it says so it is assumed; whoever knows better from an earlier connection says so.</summary>
    public int PeerMaxStreams
    {
        get => (int)Math.Min(_peerMaxStreams, int.MaxValue);
        set
        {
            if (!_settingsSeen) _peerMaxStreams = (uint)value;
        }
    }

    /// <summary>The peer, a server, takes extended CONNECT requests (RFC 8441).</summary>
    public bool PeerAllowsConnect { get; private set; }

    /// <summary>A stream that nobody has opened yet (RFC 9113 section 5.1): little may come on it.</summary>
    private bool IsIdle(int streamId) => (streamId & 1) != 0 == _isServer ? streamId > _lastPeerStreamId : streamId > _lastOwnStreamId;

    /// <summary>RFC 9113 section 6.5.</summary>
    private void ProcessSettings(in FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        if (frame.StreamId != 0)
        {
            Fail(Http2Fault.BadStreamId);
            return;
        }

        if (frame.Has(FrameFlags.Ack))
        {
            if (payload.Length != 0) Fail(Http2Fault.FrameSize);
            _decoder.Limit(Options.HpackTableBytes);
            return;
        }

        if (payload.Length % ControlFrames.SettingBytes != 0)
        {
            Fail(Http2Fault.FrameSize);
            return;
        }

        if (payload.Length > MaxSettings * ControlFrames.SettingBytes)
        {
            Fail(Http2Fault.TooManySettings);
            return;
        }

        if (!_settingsSeen) _peerMaxStreams = uint.MaxValue;
        _settingsSeen = true;
        for (; payload.Length > 0 && !_failed; payload = payload[ControlFrames.SettingBytes..])
            Apply((SettingId)BinaryPrimitives.ReadUInt16BigEndian(payload), BinaryPrimitives.ReadUInt32BigEndian(payload[2..]));
        if (_failed) return;
        ControlFrames.WriteSettingsAck(_output);
        _guard.CountOutbound(isControl: true);
        _handler.OnSettings();
    }

    private void Apply(SettingId id, uint value)
    {
        switch (id)
        {
            case SettingId.HeaderTableSize:
                _encoder.SetTableSize((int)Math.Min(value, (uint)Options.HpackTableBytes));
                break;
            case SettingId.MaxConcurrentStreams:
                _peerMaxStreams = value;
                break;
            case SettingId.InitialWindowSize:
                ChangePeerWindow(value);
                break;
            case SettingId.MaxFrameSize when value is < FrameHeader.DefaultMaxLength or > FrameHeader.GreatestMaxLength:
            case SettingId.EnablePush when value > (_isServer ? 1u : 0u):
            case SettingId.EnableConnectProtocol when value > 1:
                Fail(Http2Fault.BadSetting);
                break;
            case SettingId.MaxFrameSize:
                // Larger frames would only let one stream hold up the others.
                break;
            case SettingId.EnableConnectProtocol:
                PeerAllowsConnect = value == 1;
                break;
            default:
                break;
        }
    }

    /// <summary>RFC 9113 section 6.9.2: the windows of open streams change with it, possibly to below zero.</summary>
    private void ChangePeerWindow(uint value)
    {
        if (value > int.MaxValue)
        {
            Fail(Http2Fault.BadWindow);
            return;
        }

        var change = (int)value - _peerStreamWindow;
        _peerStreamWindow = (int)value;
        foreach (var stream in _streams.Slots)
        {
            if (stream is null || stream.AddSendWindow(change)) continue;
            Fail(Http2Fault.BadWindow);
            return;
        }
    }

    /// <summary>RFC 9113 section 6.9.</summary>
    private void ProcessWindowUpdate(in FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        if (payload.Length != 4)
        {
            Fail(Http2Fault.FrameSize);
            return;
        }

        var increment = BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue;
        if (frame.StreamId == 0)
        {
            var window = (long)SendWindow + increment;
            if (increment == 0) Fail(Http2Fault.BadFrame);
            else if (window > int.MaxValue) Fail(Http2Fault.BadWindow);
            else SendWindow = (int)window;
            return;
        }

        if (IsIdle(frame.StreamId)) Fail(Http2Fault.BadStreamId);
        else if (_streams.Find(frame.StreamId) is not { } stream) return;
        else if (increment == 0) FailStream(stream, Http2Fault.BadFrame, endsConnection: false);
        else if (!stream.AddSendWindow(increment)) FailStream(stream, Http2Fault.BadWindow, endsConnection: false);
    }

    /// <summary>RFC 9113 section 6.4.</summary>
    private void ProcessResetStream(in FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        if (payload.Length != 4)
        {
            Fail(Http2Fault.FrameSize);
            return;
        }

        if (frame.StreamId == 0 || IsIdle(frame.StreamId))
        {
            Fail(Http2Fault.BadStreamId);
            return;
        }

        if (_streams.Find(frame.StreamId) is not { } stream) return;
        Stats.RxReset.Inc();
        stream.Handler!.OnReset((Http2ErrorCode)BinaryPrimitives.ReadUInt32BigEndian(payload));
        stream.Close();
    }

    /// <summary>RFC 9113 section 6.7.</summary>
    private void ProcessPing(in FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        if (payload.Length != ControlFrames.PingBytes)
        {
            Fail(Http2Fault.FrameSize);
            return;
        }

        if (frame.StreamId != 0)
        {
            Fail(Http2Fault.BadStreamId);
            return;
        }

        var opaque = BinaryPrimitives.ReadUInt64BigEndian(payload);
        if (frame.Has(FrameFlags.Ack))
        {
            _handler.OnPingAck(opaque);
            return;
        }

        ControlFrames.WritePing(opaque, ack: true, _output);
        _guard.CountOutbound(isControl: true);
    }

    /// <summary>RFC 9113 section 6.8. Streams that the peer says it will not serve may be sent again elsewhere.</summary>
    private void ProcessGoAway(in FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        if (payload.Length < 8)
        {
            Fail(Http2Fault.FrameSize);
            return;
        }

        if (frame.StreamId != 0)
        {
            Fail(Http2Fault.BadStreamId);
            return;
        }

        IsGoingAway = true;
        var lastStreamId = BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue;
        if (!_isServer) RefuseAbove(lastStreamId);
        _handler.OnGoAway((Http2ErrorCode)BinaryPrimitives.ReadUInt32BigEndian(payload[4..]));
    }

    private void RefuseAbove(int lastStreamId)
    {
        for (var id = lastStreamId < int.MaxValue ? (lastStreamId + 1) | 1 : int.MaxValue; id <= _lastOwnStreamId && _streams.Count > 0; id += 2)
        {
            if (_streams.Find(id) is not { } stream) continue;
            stream.Handler!.OnReset(Http2ErrorCode.RefusedStream);
            stream.Close();
        }
    }

    /// <summary>RFC 9113 section 5.3.2: priorities are not acted on.</summary>
    private void ProcessPriority(in FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        if (frame.StreamId == 0) Fail(Http2Fault.BadStreamId);
        else if (payload.Length != FramePayload.PriorityBytes) Fail(Http2Fault.FrameSize);
    }
}
