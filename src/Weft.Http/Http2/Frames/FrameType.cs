namespace Weft.Http.Http2.Frames;

/// <summary>What a frame is (RFC 9113 section 6). Others are passed over.</summary>
internal enum FrameType : byte
{
    Data, Headers, Priority, ResetStream, Settings, PushPromise, Ping, GoAway, WindowUpdate, Continuation,

    /// <summary>Envoy's extension, where allow_metadata says so.</summary>
    Metadata = 0x4D,
}

/// <summary>The flags that frames may carry; what a bit means depends on the frame.</summary>
[Flags]
internal enum FrameFlags : byte
{
    None = 0,

    /// <summary>DATA, HEADERS: the sender's last frame on the stream. SETTINGS, PING: an acknowledgement, see <see cref="Ack"/>.</summary>
    EndStream = 0x1,

    /// <summary>SETTINGS, PING: an acknowledgement.</summary>
    Ack = EndStream,

    /// <summary>HEADERS, CONTINUATION: the header block is complete.</summary>
    EndHeaders = 0x4,

    /// <summary>METADATA: the block is complete.</summary>
    EndMetadata = EndHeaders,

    /// <summary>DATA, HEADERS: padding stands behind, its length in front.</summary>
    Padded = 0x8,

    /// <summary>HEADERS: five bytes of priority stand in front.</summary>
    Priority = 0x20,
}

/// <summary>What a SETTINGS frame can say (RFC 9113 section 6.5.2, RFC 8441).</summary>
internal enum SettingId : ushort
{
    HeaderTableSize = 1,
    EnablePush = 2,
    MaxConcurrentStreams = 3,
    InitialWindowSize = 4,
    MaxFrameSize = 5,
    MaxHeaderListSize = 6,
    EnableConnectProtocol = 8,
}
