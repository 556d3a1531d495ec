namespace Weft.Http;

/// <summary>
/// What a decoder reports, the same for every HTTP version and for both directions. Spans and maps are as
/// described on each member; a handler may pause its decoder from within a call.
/// </summary>
public interface IMessageHandler
{
    /// <summary>A message begins (its first byte has come): gives the map that its head is decoded into.</summary>
    HeaderMap OnMessageBegin();

    /// <summary>The head is complete. With <paramref name="endStream"/> nothing follows.</summary>
    void OnHeaders(HeaderMap headers, bool endStream);

    /// <summary>A 1xx response other than 101 (responses only): <paramref name="headers"/> is the map of OnMessageBegin and is cleared for the final head after the call.</summary>
    void OnInformational(HeaderMap headers);

    /// <summary>A piece of the body, valid during the call; may be empty when only the end is new.</summary>
    void OnData(ReadOnlySpan<byte> data, bool endStream);

    /// <summary>Trailers, and with them the end. The map is the decoder's, valid during the call.</summary>
    void OnTrailers(HeaderMap trailers);

    /// <summary>The peer broke the protocol; the decoder takes no more input. Called at most once.</summary>
    void OnProtocolError(CodecError error);
}
