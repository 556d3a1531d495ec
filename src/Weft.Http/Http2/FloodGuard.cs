using Weft.Http.Http2.Frames;

namespace Weft.Http.Http2;

/// <summary>
/// Counts what costs a peer little and this side much, as Envoy counts it: frames that say nothing, and frames that wait because the
/// peer does not read. One connection.
/// </summary>
internal sealed class FloodGuard(Http2Options options, Http2CodecStats stats)
{
    private const uint FreeWindowUpdates = 5;

    private uint _emptyFrames;
    private ulong _priorityFrames;
    private ulong _windowUpdates;
    private ulong _openedStreams;
    private ulong _dataFramesSent;

    // Frames appended since the mark, and before it but perhaps not sent. The mark is a number of bytes of output.
    private int _frames, _framesBefore;
    private int _controlFrames, _controlFramesBefore;
    private long _markBytes;

    // What the statistics show of them.
    private int _shownFrames, _shownControlFrames;

    /// <summary>A stream that the frames of its peer are measured by: a request sent, or a response begun.</summary>
    public void CountOpened() => _openedStreams++;

    public void CountDataSent() => _dataFramesSent++;

    /// <summary>Judges a frame that has come; null when it is within the limits.</summary>
    public Http2Fault? OnFrame(in FrameHeader frame)
    {
        switch (frame.Type)
        {
            case FrameType.Data when frame.Has(FrameFlags.Padded):
                // What is padding and what is not is known later: OnPaddedData.
                return null;
            case FrameType.Headers or FrameType.Continuation or FrameType.Data:
                return CountEmpty(frame.Length == 0 && (frame.Type == FrameType.Continuation || !frame.Has(FrameFlags.EndStream)));
            case FrameType.Priority:
                if (++_priorityFrames <= options.MaxPriorityFramesPerStream * (1 + _openedStreams)) return null;
                stats.InboundPriorityFramesFlood.Inc();
                return Http2Fault.TooManyPriorities;
            case FrameType.WindowUpdate:
                if (++_windowUpdates <= FreeWindowUpdates + 2 * (_openedStreams + options.MaxWindowUpdatesPerDataFrame * _dataFramesSent)) return null;
                stats.InboundWindowUpdateFramesFlood.Inc();
                return Http2Fault.TooManyWindowUpdates;
            default:
                return null;
        }
    }

    /// <summary>Judges a DATA frame with padding; null when it is within the limits.</summary>
    /// <param name="saysNothing">Padding is all there is in it.</param>
    public Http2Fault? OnPaddedData(bool saysNothing) => CountEmpty(saysNothing);

    /// <summary>A frame was put into the output.</summary>
    /// <param name="isControl">A PING, SETTINGS or RST_STREAM.</param>
    public void CountOutbound(int frames = 1, bool isControl = false)
    {
        _frames += frames;
        if (isControl) _controlFrames++;
    }

    /// <summary>Null while not too many frames wait to be sent.</summary>
    public Http2Fault? CheckOutbound()
    {
        if (_frames + _framesBefore > options.MaxOutboundFrames)
        {
            stats.OutboundFlood.Inc();
            return Http2Fault.OutboundFlood;
        }

        if (_controlFrames + _controlFramesBefore <= options.MaxOutboundControlFrames) return null;
        stats.OutboundControlFlood.Inc();
        return Http2Fault.OutboundFlood;
    }

    /// <summary>Says how much of the output has been sent in all, and how much waits. Frames are forgotten when those that waited with them have gone.</summary>
    public void OnSent(long sentBytes, int waitingBytes)
    {
        if (waitingBytes == 0)
        {
            _frames = _framesBefore = _controlFrames = _controlFramesBefore = 0;
            return;
        }

        if (sentBytes < _markBytes) return;
        (_framesBefore, _frames) = (_frames, 0);
        (_controlFramesBefore, _controlFrames) = (_controlFrames, 0);
        _markBytes = sentBytes + waitingBytes;
    }

    /// <summary>Shows in the statistics how many frames wait.</summary>
    public void ShowWaiting()
    {
        var (frames, controlFrames) = (_frames + _framesBefore, _controlFrames + _controlFramesBefore);
        stats.OutboundFramesActive.Add(frames - _shownFrames);
        stats.OutboundControlFramesActive.Add(controlFrames - _shownControlFrames);
        (_shownFrames, _shownControlFrames) = (frames, controlFrames);
    }

    private Http2Fault? CountEmpty(bool saysNothing)
    {
        _emptyFrames = saysNothing ? _emptyFrames + 1 : 0;
        if (_emptyFrames <= options.MaxConsecutiveEmptyFrames) return null;
        stats.InboundEmptyFramesFlood.Inc();
        return Http2Fault.EmptyFrames;
    }
}
