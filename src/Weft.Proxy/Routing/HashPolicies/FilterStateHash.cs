using Weft.Base.Hashing;
using Weft.Http;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Routing.HashPolicies;

/// <summary>A text that a filter keeps with the request or its connection.</summary>
internal sealed class FilterStateHash(string key) : HashMethod
{
    public override ulong? Hash(HeaderMap headers, StreamInfo info, GeneratedCookies? cookies)
        => info.FilterState.Find(key)?.Text is { } text ? XxHash64.Hash(text) : null;
}
