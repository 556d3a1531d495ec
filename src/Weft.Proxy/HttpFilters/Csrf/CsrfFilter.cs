using Weft.Http;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.Csrf;

/// <summary>Refuses requests that change something and were sent by a page of another origin. Pooled; worker thread.</summary>
internal sealed class CsrfFilter(CsrfFilterFactory factory, Worker worker) : HttpFilter
{
    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        var policy = Stream.RouteConfig(this) as CsrfPolicyConfig ?? factory.Policy;
        var runtime = factory.Runtime.Current;
        var enabled = runtime.IsEnabled(policy.Enabled, worker.Random.Next());
        var shadow = policy.Shadow is { } fraction && runtime.IsEnabled(fraction, worker.Random.Next());
        if ((!enabled && !shadow) || !Changes(headers.Get(KnownHeader.Method)))
            return FilterStatus.Continue;
        var source = SourceOrigin(headers);
        if (!source.IsEmpty && IsValid(source, headers, policy))
        {
            factory.RequestValid.Inc();
            return FilterStatus.Continue;
        }

        (source.IsEmpty ? factory.MissingSourceOrigin : factory.RequestInvalid).Inc();
        if (!enabled)
            return FilterStatus.Continue;
        Stream.SendLocalReply(403, "Invalid origin"u8, "csrf_origin_mismatch");
        return FilterStatus.Ended;
    }

    private static bool Changes(ReadOnlySpan<byte> method)
        => method.SequenceEqual("POST"u8) || method.SequenceEqual("PUT"u8) || method.SequenceEqual("DELETE"u8) || method.SequenceEqual("PATCH"u8);

    private static bool IsValid(ReadOnlySpan<byte> source, HeaderMap headers, CsrfPolicyConfig policy)
    {
        if (source.SequenceEqual(headers.Get(KnownHeader.Authority))) return true;
        foreach (var origin in policy.AdditionalOrigins)
        {
            if (origin.IsMatch(source)) return true;
        }

        return false;
    }

    /// <summary>Where the request was sent from: of origin, or where that says nothing of referer. A page without an origin says "null".</summary>
    private static ReadOnlySpan<byte> SourceOrigin(HeaderMap headers)
    {
        var origin = headers.Get(KnownHeader.Origin);
        if (origin.SequenceEqual("null"u8)) return default;
        return origin.IsEmpty ? HostAndPort(headers.Get(KnownHeader.Referer)) : HostAndPort(origin);
    }

    /// <summary>Of an absolute URL; what is none stays as it is.</summary>
    private static ReadOnlySpan<byte> HostAndPort(ReadOnlySpan<byte> url)
    {
        var scheme = url.IndexOf("://"u8);
        if (scheme <= 0) return url;
        var host = url[(scheme + 3)..];
        var end = host.IndexOfAny("/?#"u8);
        if (end >= 0) host = host[..end];
        var user = host.LastIndexOf((byte)'@');
        host = host[(user + 1)..];
        return host.IsEmpty ? url : host;
    }
}
