using System.Runtime.InteropServices;
using Weft.Base.Buffers;
using Weft.Net.Tls.Native;

namespace Weft.Net.Tls;

/// <summary>TLS on one connection. Worker thread.</summary>
/// <remarks>
/// The library gets the received bytes where they lie and writes into the connection's queue of sealed bytes (<see cref="WindowBio"/>), so that
/// one receive and one send per turn serve any number of records, and an idle connection holds no buffer (SSL_MODE_RELEASE_BUFFERS).
/// </remarks>
public sealed unsafe class TlsTransport : Transport
{
    /// <summary>RFC 8446 section 5.1.</summary>
    private const int MaxRecordBytes = 16 * 1024;

    /// <summary>Clear bytes sealed at a time; the rest waits in clear until the socket has taken them.</summary>
    private const int SealBytes = 4 * MaxRecordBytes;

    [ThreadStatic]
    private static TlsTransport? t_current;

    [ThreadStatic]
    private static byte* t_record;

    /// <summary>
    /// What the library may answer by itself while it opens nothing: warnings to who asks for a renegotiation, new keys for who asks for them. Who asks again and again
    /// (some 70 times) only wants to cost something.
    /// </summary>
    private const int MaxOwnAnswerBytes = 2048;

    /// <summary>Far more than is sealed at a time waits for the socket: the peer makes the library answer, and does not read.</summary>
    private const int MaxWaitingBytes = 4 * SealBytes;

    private readonly TlsClientOptions _client;
    private int _ownAnswerBytes;
    private nint _ssl;
    private byte* _received;
    private int _receivedCount;
    private byte[] _protocol = [];
    private bool _isOpen;
    private bool _ended;

    internal TlsTransport(TlsContext context, nint ssl, TlsClientOptions client)
    {
        Context = context;
        _ssl = ssl;
        _client = client;
        var bio = WindowBio.New();
        LibSsl.SSL_set_bio(ssl, bio, bio);
        if (context.IsServer)
            LibSsl.SSL_set_accept_state(ssl);
        else
            PrepareClient();
    }

    ~TlsTransport() => Dispose(false);

    /// <summary>What the handshake came to; null until it is done. Stays after the close.</summary>
    public TlsFacts? Facts { get; private set; }

    public override ReadOnlySpan<byte> ApplicationProtocol => _protocol;

    internal static TlsTransport? Current => t_current;

    internal TlsContext Context { get; }

    internal ref readonly TlsClientOptions Client => ref _client;

    internal Connection Connection { get; private set; } = null!;

    internal ByteQueue Wire { get; private set; } = null!;

    internal bool IsPeerTrusted { get; set; }

    /// <summary>Why the peer's certificate is refused; null: it is not, or nobody said.</summary>
    internal string? PeerFault { get; set; }

    protected internal override int Unread => _receivedCount;

    protected internal override void Attach(Connection connection, ByteQueue wire)
    {
        Connection = connection;
        Wire = wire;
    }

    protected internal override void Feed(byte* data, int count)
    {
        _received = data;
        _receivedCount = count;
    }

    protected internal override TransportStatus Handshake()
    {
        Enter();
        var result = LibSsl.SSL_do_handshake(_ssl);
        if (result != 1)
            return Stopped(result);
        _isOpen = true;
        NoteProtocol();
        Facts = new TlsFacts(_ssl, Context, IsPeerTrusted, Connection.Loop.NowUs);
        Context.Observer?.OnHandshake(Facts);
        return TransportStatus.Done;
    }

    protected internal override TransportStatus Open(byte* destination, int size, out int count)
    {
        Enter();
        var waiting = Wire.Length;
        var status = Read(destination, size, out count);
        _ownAnswerBytes = count > 0 ? 0 : _ownAnswerBytes + Wire.Length - waiting;
        var isFlood = Wire.Length > MaxWaitingBytes || (_ownAnswerBytes > MaxOwnAnswerBytes && !Context.AllowsRenegotiation);
        return isFlood && status is (TransportStatus.Done or TransportStatus.NeedsMore) ? Refuse() : status;
    }

    protected internal override bool Seal(ByteQueue output)
    {
        Enter();
        for (var total = 0; total < SealBytes && !output.IsEmpty;)
        {
            var first = output.Head!;
            var count = Math.Min(first.Length, MaxRecordBytes);
            var start = first.DataPointer;
            if (count < MaxRecordBytes && count < output.Length)
            {
                // Small pieces share a record.
                start = Record;
                count = output.CopyTo(new Span<byte>(start, MaxRecordBytes));
            }
            if (!SealRecord(start, count))
                return false;
            output.Drain(count);
            total += count;
        }
        return true;
    }

    protected internal override bool Seal(ReadOnlySpan<byte> data)
    {
        Enter();
        fixed (byte* start = data)
        {
            for (var done = 0; done < data.Length; done += MaxRecordBytes)
            {
                if (!SealRecord(start + done, Math.Min(data.Length - done, MaxRecordBytes)))
                    return false;
            }
        }
        return true;
    }

    protected internal override void End()
    {
        if (!_isOpen || _ended || Failure is not null)
            return;
        _ended = true;
        Enter();
        _ = LibSsl.SSL_shutdown(_ssl);
    }

    /// <summary>The library takes what it wants of the bytes fed.</summary>
    internal int TakeReceived(byte* destination, int count)
    {
        count = Math.Min(count, _receivedCount);
        Buffer.MemoryCopy(_received, destination, count, count);
        _received += count;
        _receivedCount -= count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (_ssl == 0)
            return;
        // Or the library would take the session for one that must not be resumed.
        if (_isOpen && Failure is null)
            LibSsl.SSL_set_shutdown(_ssl, LibSsl.ShutdownBoth);
        LibSsl.SSL_free(_ssl);
        _ssl = 0;
        if (t_current == this)
            t_current = null;
    }

    private static byte* Record => t_record != null ? t_record : t_record = (byte*)NativeMemory.Alloc(MaxRecordBytes);

    private void PrepareClient()
    {
        LibSsl.SSL_set_connect_state(_ssl);
        if (_client.ServerName.Length > 0)
        {
            fixed (byte* name = TlsContext.Terminated(_client.ServerName))
                _ = LibSsl.SSL_ctrl(_ssl, LibSsl.CtrlSetHostName, LibSsl.NameTypeHost, name);
        }
        if (_client.ExpectedNames.Count > 0)
            LibSsl.SSL_set_verify(_ssl, LibSsl.VerifyPeer, null);
        if (_client.ApplicationProtocols is { Length: > 0 } protocols)
        {
            fixed (byte* start = protocols)
                _ = LibSsl.SSL_set_alpn_protos(_ssl, start, (uint)protocols.Length);
        }
        if (Context.Sessions?.Take(_client.SessionName) is { } session and not 0)
        {
            _ = LibSsl.SSL_set_session(_ssl, session);
            LibSsl.SSL_SESSION_free(session);
        }
    }

    /// <summary>The library's callbacks find this transport; errors of others on this thread are forgotten.</summary>
    private void Enter()
    {
        t_current = this;
        LibCrypto.ERR_clear_error();
    }

    private bool SealRecord(byte* data, int count)
    {
        var sealedBytes = LibSsl.SSL_write(_ssl, data, count);
        if (sealedBytes == count)
            return true;
        Stopped(sealedBytes);
        return false;
    }

    private TransportStatus Read(byte* destination, int size, out int count)
    {
        count = 0;
        while (count < size)
        {
            var opened = LibSsl.SSL_read(_ssl, destination + count, size - count);
            if (opened <= 0)
                return Stopped(opened);
            count += opened;
        }
        return TransportStatus.Done;
    }

    private TransportStatus Refuse()
    {
        Failure = "TLS_error:|too many messages that carry nothing:TLS_error_end";
        Context.Observer?.OnFailure(TlsFailure.Protocol);
        return TransportStatus.Failed;
    }

    private TransportStatus Stopped(int result)
    {
        switch (LibSsl.SSL_get_error(_ssl, result))
        {
            case LibSsl.ErrorWantRead:
                return TransportStatus.NeedsMore;
            case LibSsl.ErrorZeroReturn:
                return TransportStatus.Ended;
        }
        Failure = TlsError.Drain(PeerFault, out var failure) ?? "";
        Context.Observer?.OnFailure(failure);
        return TransportStatus.Failed;
    }

    private void NoteProtocol()
    {
        byte* data;
        uint length;
        LibSsl.SSL_get0_alpn_selected(_ssl, &data, &length);
        var name = new ReadOnlySpan<byte>(data, (int)length);
        // The usual ones without an object each.
        _protocol = name.SequenceEqual("h2"u8) ? s_h2 : name.SequenceEqual("http/1.1"u8) ? s_http11 : name.ToArray();
    }

    private static readonly byte[] s_h2 = [.. "h2"u8];
    private static readonly byte[] s_http11 = [.. "http/1.1"u8];
}
