namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Json;

/// <summary>What a JSON value is.</summary>
internal enum JsonKind : byte { Fault, Object, Array, String, Number, True, False, Null }
