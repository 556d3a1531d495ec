using System.Buffers.Text;
using Weft.Http;

namespace Weft.Proxy.HttpFilters.Router.Retries;

/// <summary>RetryPolicy.ResetHeader: a response header that says when to come back, in seconds from now or as a Unix time. Immutable.</summary>
internal sealed class ResetHeader(string name, bool isUnixTime)
{
    private readonly HeaderName _name = new(name);

    /// <summary>How long to wait; null when the response does not say, or names a time that is past. Only the first value counts.</summary>
    public long? IntervalMs(HeaderMap response, DateTime utcNow)
    {
        if (!response.TryGet(_name, out var text) || !Utf8Parser.TryParse(text, out uint seconds, out var used) || used != text.Length)
            return null;
        if (!isUnixTime)
            return seconds * 1000L;
        var now = (long)(utcNow - DateTime.UnixEpoch).TotalSeconds;
        return seconds < now ? null : (seconds - now) * 1000;
    }
}
