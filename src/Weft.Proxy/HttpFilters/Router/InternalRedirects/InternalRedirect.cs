using Weft.Base.Buffers;
using Weft.Base.Stats;
using Weft.Http;
using Weft.Proxy.Stats;

namespace Weft.Proxy.HttpFilters.Router.InternalRedirects;

/// <summary>Turns a request into the one that an upstream's redirect asks for. One per router, made with its first redirect; worker thread.</summary>
internal sealed class InternalRedirect(RouterStats stats)
{
    private readonly HeaderMap _saved = new();
    private readonly ByteWriter _text = new();

    /// <summary>Changes the request's headers; false, with nothing changed, when the redirect is not to be followed.</summary>
    public bool TryApply(InternalRedirectPolicy policy, IHttpStream stream, HeaderMap response)
    {
        var request = stream.RequestHeaders;
        var location = response.Get(KnownHeader.Location);
        if (!RedirectTarget.TryParse(location, out var target))
            return Refuse(stats.PassthroughInternalRedirectBadLocation);
        var fromHttps = request.Get(KnownHeader.Scheme).SequenceEqual("https"u8);
        if (!policy.AllowsOtherScheme && fromHttps != target.IsHttps)
            return Refuse(stats.PassthroughInternalRedirectUnsafeScheme);
        var history = stream.Info.InternalRedirects ??= new RedirectHistory();
        if (history.Count >= policy.Max)
            return Refuse(stats.PassthroughInternalRedirectTooManyRedirects);

        _saved.CopyFrom(request);
        CopyHeaders(policy, response, request);
        target.WriteTo(request, _text);
        if (Refusal(policy, stream, history, fromHttps, target.IsHttps) is { } refusal)
        {
            request.CopyFrom(_saved);
            return Refuse(refusal);
        }

        history.Count++;
        SetOriginalUrl(request, fromHttps);
        return true;
    }

    private Counter? Refusal(InternalRedirectPolicy policy, IHttpStream stream, RedirectHistory history, bool fromHttps, bool toHttps)
    {
        if (stream.MatchAgain() is not { } route)
            return stats.PassthroughInternalRedirectNoRoute;
        foreach (var predicate in policy.Predicates)
        {
            if (!predicate.Accepts(stream.Route!, route, history, fromHttps, toHttps))
                return stats.PassthroughInternalRedirectPredicate;
        }

        return null;
    }

    private static void CopyHeaders(InternalRedirectPolicy policy, HeaderMap response, HeaderMap request)
    {
        foreach (var name in policy.HeadersToCopy)
        {
            request.Remove(name);
            for (var i = response.IndexOf(name); i >= 0; i = response.IndexOf(name, i + 1))
                request.Add(name, response.ValueAt(i));
        }
    }

    private void SetOriginalUrl(HeaderMap request, bool fromHttps)
    {
        _text.Clear();
        _text.Write(fromHttps ? "https://"u8 : "http://"u8);
        _text.Write(_saved.Get(KnownHeader.Authority));
        _text.Write(_saved.Get(KnownHeader.Path));
        request.Set(KnownHeader.XEnvoyOriginalUrl, _text.Written);
    }

    private static bool Refuse(Counter counter)
    {
        counter.Inc();
        return false;
    }
}
