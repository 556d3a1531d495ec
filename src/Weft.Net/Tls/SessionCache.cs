using Weft.Net.Tls.Native;

namespace Weft.Net.Tls;

/// <summary>Sessions that a client may resume, each used once (RFC 8446 appendix C.4). Any thread, without a lock.</summary>
internal sealed class SessionCache(int size)
{
    private readonly nint[] _sessions = new nint[size];
    private uint _next;

    ~SessionCache()
    {
        foreach (var session in _sessions)
            LibSsl.SSL_SESSION_free(session);
    }

    /// <summary>Takes ownership; the oldest makes room.</summary>
    public void Put(nint session)
    {
        var slot = (Interlocked.Increment(ref _next) - 1) % (uint)_sessions.Length;
        LibSsl.SSL_SESSION_free(Interlocked.Exchange(ref _sessions[slot], session));
    }

    /// <summary>The newest; the caller owns it. 0 when there is none.</summary>
    public nint Take()
    {
        var newest = Volatile.Read(ref _next) - 1;
        for (uint i = 0; i < _sessions.Length; i++)
        {
            var session = Interlocked.Exchange(ref _sessions[(newest - i) % (uint)_sessions.Length], 0);
            if (session != 0)
                return session;
        }
        return 0;
    }
}
