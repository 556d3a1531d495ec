using System.Buffers.Binary;
using System.Net;
using Weft.Net;
using Weft.Proxy.Dns;

namespace Weft.Proxy.Tests.Dns;

/// <summary>A question as the server got it.</summary>
internal sealed record DnsQuestion(ushort Id, string Name, DnsRecordType Type, bool HasEdns, bool IsTcp, NetAddress From)
{
    /// <summary>An answer with the question in place.</summary>
    public DnsMessageBuilder Reply(int answers = 0, ushort flags = 0x8180, int authorities = 0) =>
        new DnsMessageBuilder(Id, flags, answers: answers, authorities: authorities).Question(Name, Type);
}

/// <summary>A DNS server on loopback over UDP and TCP, on the test's loop; what it answers is up to the test.</summary>
internal sealed class ScriptedDnsServer : IDatagramHandler, IAcceptHandler, IDisposable
{
    private readonly UdpSocket _udp;
    private readonly ListenSocket _tcp;

    public ScriptedDnsServer(TestLoop test)
    {
        while (true)
        {
            _udp = UdpSocket.Bind(test.Loop, NetAddress.FromIP(IPAddress.Loopback, 0), this);
            try
            {
                _tcp = ListenSocket.Bind(_udp.LocalAddress, new ListenOptions { ReusePort = false });
                break;
            }
            catch (NetException)
            {
                // Somebody has this port for TCP: take another.
                _udp.Dispose();
            }
        }
        _tcp.Start(test.Loop, this);
        test.Own(this);
    }

    public NetAddress Address => _udp.LocalAddress;

    public List<DnsQuestion> Questions { get; } = [];

    /// <summary>Null is silence.</summary>
    public Func<DnsQuestion, byte[]?> Answer { get; set; } = _ => null;

    /// <summary>Sends a datagram that nobody asked for.</summary>
    public void Send(NetAddress to, byte[] data) => _udp.Send(to, data);

    /// <summary>Answers A questions with these addresses, AAAA ones with none.</summary>
    public void AnswerWith(params string[] addresses) => AnswerWith(60, addresses);

    public void AnswerWith(uint ttl, params string[] addresses) => Answer = question =>
    {
        var fitting = addresses.Where(a => a.Contains(':', StringComparison.Ordinal) == (question.Type == DnsRecordType.Aaaa)).ToArray();
        var reply = question.Reply(fitting.Length);
        foreach (var address in fitting)
            reply.Address(question.Name, address, ttl);
        return reply.Bytes;
    };

    void IDatagramHandler.OnDatagram(NetAddress from, ReadOnlySpan<byte> data)
    {
        if (Take(data, isTcp: false, from) is { } answer)
            _udp.Send(from, answer);
    }

    public IConnectionHandler? OnAccept(Connection connection) => new TcpPeer(this, connection);

    public void OnAcceptError(int errno) => Assert.Fail($"accept failed: {errno}");

    public void Dispose()
    {
        _udp.Dispose();
        _tcp.Dispose();
    }

    private byte[]? Take(ReadOnlySpan<byte> query, bool isTcp, NetAddress from)
    {
        var position = DnsResponse.HeaderBytes;
        Assert.True(DnsName.TryRead(query, ref position, out var name));
        var question = new DnsQuestion(
            BinaryPrimitives.ReadUInt16BigEndian(query),
            name.ToString(),
            (DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(query[position..]),
            query[11] == 1,
            isTcp,
            from);
        Questions.Add(question);
        return Answer(question);
    }

    private sealed class TcpPeer(ScriptedDnsServer server, Connection connection) : IConnectionHandler
    {
        private readonly List<byte> _received = [];

        public void OnConnected()
        {
        }

        public void OnData(ReadOnlySpan<byte> data)
        {
            _received.AddRange(data);
            if (_received.Count < 2 || _received.Count < 2 + (_received[0] << 8) + _received[1])
                return;
            if (server.Take(_received.ToArray().AsSpan(2), isTcp: true, connection.RemoteAddress) is not { } answer)
            {
                connection.Close(CloseMode.Now);
                return;
            }
            connection.Write([(byte)(answer.Length >> 8), (byte)answer.Length]);
            connection.Write(answer);
        }

        public void OnReadEnd() => connection.Close(CloseMode.Now);

        public void OnClosed(CloseReason reason)
        {
        }

        public void OnAboveHighWatermark()
        {
        }

        public void OnBelowLowWatermark()
        {
        }
    }
}
