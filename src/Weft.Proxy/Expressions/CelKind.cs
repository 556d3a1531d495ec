namespace Weft.Proxy.Expressions;

/// <summary>The type of a value of an expression.</summary>
internal enum CelKind : byte { Error, Null, Bool, Int, Uint, Double, String, Bytes, Duration, Timestamp, List, Map, Type }
