namespace Weft.Http.Http1;

/// <summary>Choices of the encoder (Envoy's Http1ProtocolOptions). The default is what Envoy does.</summary>
/// <param name="IsProperCase">header_key_format: proper_case_words.</param>
/// <param name="IsFullUrl">send_fully_qualified_url: requests name their URL in full, as proxies want it.</param>
public readonly record struct Http1WriteOptions(bool IsProperCase, bool IsFullUrl);
