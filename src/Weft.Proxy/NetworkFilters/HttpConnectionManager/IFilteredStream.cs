using Weft.Base.Buffers;
using Weft.Http;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager;

/// <summary>What a <see cref="FilterPath{TStream}"/> needs of the stream whose filters it passes: its ends. Worker thread.</summary>
internal interface IFilteredStream
{
    /// <summary>For what waits behind a filter.</summary>
    BufferPool Buffers { get; }

    /// <summary>No filter may see more of that direction.</summary>
    bool IsOver(bool isRequest);

    /// <summary>How much may wait.</summary>
    int KeptLimitBytes(bool isRequest);

    /// <summary>Room for bytes that are passed on while their queue changes; valid until the next call.</summary>
    ReadOnlySpan<byte> CopyToScratch(ReadOnlySpan<byte> bytes);

    /// <summary>All filters have let the head pass.</summary>
    void OnHeadPassed(bool isRequest, HeaderMap head, bool endStream);

    void OnDataPassed(bool isRequest, ReadOnlySpan<byte> data, bool endStream);

    void OnTrailersPassed(bool isRequest, HeaderMap trailers);

    /// <summary>More waits than may.</summary>
    void OnBufferLimitExceeded(bool isRequest);
}
