namespace Weft.Http;

/// <summary>The version of a message; printed as Envoy does (<c>HTTP/1.1</c>).</summary>
public enum HttpProtocol : byte { Http10, Http11, Http2, Http3 }
