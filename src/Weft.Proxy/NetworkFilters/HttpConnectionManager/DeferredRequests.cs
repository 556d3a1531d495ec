using Weft.Net;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager;

/// <summary>
/// http.max_requests_per_io_cycle: what one read brings beyond so many requests waits for the loop's next turns. Those that the client gives up meanwhile cost no
/// upstream anything (rapid reset), and other connections get their turn. One connection; worker thread.
/// </summary>
/// <param name="loop">The connection's.</param>
/// <param name="most">Requests in a turn; one always goes on.</param>
internal sealed class DeferredRequests(EventLoop loop, ulong most)
{
    private readonly List<HttpStream?> _waiting = [];
    private Action? _proceed;
    private int _next;
    private ulong _begun;
    private bool _isPosted;

    /// <summary>Bytes have come.</summary>
    public void OnRead() => _begun = 0;

    /// <summary>Whether the request is to wait; then it hears <see cref="HttpStream.Proceed"/>. None overtakes another.</summary>
    public bool TryDefer(HttpStream stream)
    {
        if (!_isPosted && ++_begun <= most)
            return false;
        stream.DeferredAt = _waiting.Count;
        _waiting.Add(stream);
        Post();
        return true;
    }

    /// <summary>The request is over.</summary>
    public void Remove(HttpStream stream)
    {
        _waiting[stream.DeferredAt] = null;
        stream.DeferredAt = -1;
    }

    private void Post()
    {
        if (_isPosted)
            return;
        _isPosted = true;
        loop.Post(_proceed ??= Proceed);
    }

    private void Proceed()
    {
        for (_begun = 0; _next < _waiting.Count && _begun < Math.Max(most, 1); _next++)
        {
            if (_waiting[_next] is not { } stream)
                continue;
            _begun++;
            stream.Proceed();
        }

        _isPosted = false;
        if (_next < _waiting.Count)
        {
            Post();
            return;
        }

        _waiting.Clear();
        _next = 0;
    }
}
