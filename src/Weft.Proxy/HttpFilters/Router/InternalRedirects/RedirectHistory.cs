namespace Weft.Proxy.HttpFilters.Router.InternalRedirects;

/// <summary>The internal redirects of one request. Made with the first one; worker thread.</summary>
internal sealed class RedirectHistory
{
    private readonly HashSet<(string From, string To)> _routes = [];

    public uint Count { get; set; }

    /// <summary>False when this way was taken before.</summary>
    public bool TryAdd(string from, string to) => _routes.Add((from, to));
}
