namespace Weft.Http;

/// <summary>
/// A way in which a peer can break the protocol. One table of these turns each into the local reply, the
/// response-code details and the counter, so that no message text is ever compared.
/// </summary>
/// <param name="Status">The status a downstream gets; 502 is what the router makes of any of them upstream.</param>
/// <param name="Details">Envoy's response code details, for example <c>http1.codec_error</c>.</param>
/// <param name="Text">For the log, for people.</param>
public sealed record CodecError(int Status, string Details, string Text);
