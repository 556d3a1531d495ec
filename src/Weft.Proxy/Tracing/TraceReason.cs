namespace Weft.Proxy.Tracing;

/// <summary>Why a request is traced, as its x-request-id carries it.</summary>
internal enum TraceReason : byte { NotTraceable, Sampled, Forced, ClientForced }
