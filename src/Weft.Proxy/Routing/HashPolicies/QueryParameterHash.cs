using Weft.Base.Hashing;
using Weft.Http;
using Weft.Http.Urls;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Routing.HashPolicies;

/// <summary>The first parameter of a name in the path's query, as it is written there; an empty value counts too.</summary>
internal sealed class QueryParameterHash(byte[] name) : HashMethod
{
    public override ulong? Hash(HeaderMap headers, StreamInfo info, GeneratedCookies? cookies) =>
        QueryString.TryFind(headers.Get(KnownHeader.Path), name, out var value) ? XxHash64.Hash(value) : null;
}
