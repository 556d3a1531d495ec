using Weft.Http;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Routing.HashPolicies;

/// <summary>RouteAction.hash_policy: what of a request decides where consistent hashing sends it. Immutable; any thread.</summary>
internal sealed class HashPolicy((HashMethod Method, bool IsTerminal)[] methods)
{
    /// <summary>
    /// The hashes of all methods together, each rotating what came before, so that two equal ones do not cancel each other
    /// out; null when none has one. A terminal method ends it once there is a hash.
    /// </summary>
    /// <param name="headers">Of the request.</param>
    /// <param name="info">Of the request.</param>
    /// <param name="cookies">Takes cookies that the client is to be given; null: none are made.</param>
    public ulong? Hash(HeaderMap headers, StreamInfo info, GeneratedCookies? cookies)
    {
        ulong? hash = null;
        foreach (var (method, isTerminal) in methods)
        {
            if (method.Hash(headers, info, cookies) is { } one)
                hash = ulong.RotateLeft(hash ?? 0, 1) ^ one;
            if (isTerminal && hash is not null)
                break;
        }
        return hash;
    }
}

/// <summary>One entry of a hash policy. Immutable; any thread.</summary>
internal abstract class HashMethod
{
    /// <summary>Null when the request has nothing to hash.</summary>
    public abstract ulong? Hash(HeaderMap headers, StreamInfo info, GeneratedCookies? cookies);
}
