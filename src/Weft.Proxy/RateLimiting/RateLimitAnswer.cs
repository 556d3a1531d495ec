namespace Weft.Proxy.RateLimiting;

/// <summary>What a rate limit service says of a request; Error: it did not answer, or not understandably.</summary>
internal enum RateLimitAnswer : byte { Ok, OverLimit, Error }
