using Weft.Net.Tls.Native;

namespace Weft.Net.Tls;

/// <summary>
/// Sessions that a client may resume, of TLS 1.3 each used once (RFC 8446 appendix C.4) and only for the name it was made for: whoever resumes checks no
/// certificate. Any thread, without a lock.
/// </summary>
internal sealed class SessionCache(int size)
{
    private readonly Entry?[] _entries = new Entry?[size];
    private uint _next;

    /// <summary>Takes ownership; the oldest makes room.</summary>
    public void Put(nint session, string name)
    {
        var slot = (Interlocked.Increment(ref _next) - 1) % (uint)_entries.Length;
        Interlocked.Exchange(ref _entries[slot], new Entry(session, name))?.Free();
    }

    /// <summary>The newest for a name; the caller owns it. 0 when there is none.</summary>
    public nint Take(string name)
    {
        var newest = Volatile.Read(ref _next) - 1;
        for (uint i = 0; i < _entries.Length; i++)
        {
            ref var slot = ref _entries[(newest - i) % (uint)_entries.Length];
            var entry = Volatile.Read(ref slot);
            if (entry is null || entry.Name != name || Interlocked.CompareExchange(ref slot, null, entry) != entry)
                continue;
            if (entry.IsForOneUse)
                return entry.TakeSession();
            // Nobody else had it meanwhile, so it cannot have been freed.
            var session = entry.Share();
            if (Interlocked.CompareExchange(ref slot, entry, null) is not null)
                entry.Free();
            return session;
        }
        return 0;
    }

    private sealed class Entry(nint session, string name)
    {
        private nint _session = session;

        ~Entry() => Free();

        public string Name => name;

        /// <summary>Before TLS 1.3 a server gives no new session when one is resumed.</summary>
        public bool IsForOneUse { get; } = LibSsl.SSL_SESSION_get_protocol_version(session) > (int)TlsVersion.Tls12;

        /// <summary>The session, with a reference of the caller's own.</summary>
        public nint Share()
        {
            _ = LibSsl.SSL_SESSION_up_ref(_session);
            return _session;
        }

        public nint TakeSession() => Interlocked.Exchange(ref _session, 0);

        public void Free() => LibSsl.SSL_SESSION_free(TakeSession());
    }
}
