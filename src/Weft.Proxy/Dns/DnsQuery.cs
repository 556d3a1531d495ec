using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using Weft.Base;
using Weft.Net;

namespace Weft.Proxy.Dns;

/// <summary>How a <see cref="DnsQuery"/> ended.</summary>
internal enum DnsQueryStatus { Addresses, NoData, NoSuchName, Failed, TimedOut }

/// <param name="Error">Why there are no addresses.</param>
internal readonly record struct DnsQueryResult(DnsQueryStatus Status, IReadOnlyList<IPAddress> Addresses, uint TtlSeconds, string? Error);

/// <summary>Who to ask, how long and how often.</summary>
/// <param name="FirstServer">Where this query begins (rotate).</param>
internal sealed record DnsServers(IReadOnlyList<NetAddress> Addresses, int FirstServer, int TimeoutMs, int Rounds, bool UseTcp);

/// <summary>
/// One question (a name and a type) until it is answered: round by round over the servers, each attempt with a new id
/// and, over UDP, a new port; over TCP when the answer did not fit. Main thread.
/// </summary>
internal sealed class DnsQuery : IDatagramHandler, IDisposable
{
    private const int MaxAliases = 8;
    private const int MaxTimeoutMs = 10_000;

    private readonly EventLoop _loop;
    private readonly DnsServers _servers;
    private readonly DnsRecordType _type;
    private readonly DnsStats _stats;
    private readonly Action<DnsQueryResult> _done;
    private readonly LoopTimer _timer;
    private DnsName _name;
    private uint _aliasTtlSeconds = uint.MaxValue;
    private int _aliases;
    private int _attempt = -1;
    private bool _edns = true;
    private ushort _id;
    private UdpSocket? _udp;
    private DnsTcpExchange? _tcp;
    private DnsQueryStatus _lastFailure = DnsQueryStatus.Failed;
    private string _lastError = "no DNS server";
    private bool _isOver;

    /// <param name="done">Called once, possibly from within <see cref="Start"/>; not after <see cref="Dispose"/>.</param>
    public DnsQuery(EventLoop loop, DnsServers servers, DnsName name, DnsRecordType type, DnsStats stats, Action<DnsQueryResult> done)
    {
        _loop = loop;
        _servers = servers;
        _name = name;
        _type = type;
        _stats = stats;
        _done = done;
        _timer = new LoopTimer(loop, OnTimeout);
        stats.PendingResolutions.Inc();
    }

    private NetAddress Server => _servers.Addresses[(_servers.FirstServer + _attempt) % _servers.Addresses.Count];

    public void Start()
    {
        if (!_isOver)
            TryNextServer();
    }

    /// <summary>Ends it without calling back.</summary>
    public void Dispose()
    {
        if (_isOver)
            return;
        _isOver = true;
        _stats.PendingResolutions.Dec();
        EndAttempt();
    }

    void IDatagramHandler.OnDatagram(NetAddress from, ReadOnlySpan<byte> data)
    {
        // A datagram from elsewhere is not an answer, whatever it says.
        if (!_isOver && from == Server)
            OnMessage(data, isTcp: false);
    }

    private void TryNextServer()
    {
        while (++_attempt < _servers.Addresses.Count * _servers.Rounds)
        {
            if (TrySend(_servers.UseTcp))
                return;
        }
        _stats.GetAddrFailure.Add(_lastFailure == DnsQueryStatus.Failed ? 1 : 0);
        Finish(new DnsQueryResult(_lastFailure, [], 0, _lastError));
    }

    /// <summary>Begins an attempt with the current server.</summary>
    private bool TrySend(bool useTcp)
    {
        EndAttempt();
        SystemRandom.Fill(MemoryMarshal.AsBytes(new Span<ushort>(ref _id)));
        Span<byte> query = stackalloc byte[2 + DnsQueryWriter.MaxBytes];
        var length = DnsQueryWriter.Write(query[2..], _id, _name, _type, _edns);
        if (useTcp)
        {
            BinaryPrimitives.WriteUInt16BigEndian(query, (ushort)length);
            _tcp = new DnsTcpExchange(_loop, Server, TimeoutMs, query[..(2 + length)], OnTcpMessage, OnTcpFailed);
        }
        else if (!TrySendDatagram(query.Slice(2, length)))
        {
            return false;
        }
        _timer.Arm(TimeoutMs);
        return true;
    }

    private int TimeoutMs => Math.Min(_servers.TimeoutMs << Math.Min(_attempt / _servers.Addresses.Count, 8), Math.Max(MaxTimeoutMs, _servers.TimeoutMs));

    private bool TrySendDatagram(ReadOnlySpan<byte> query)
    {
        try
        {
            var any = NetAddress.FromIP(Server.Kind == NetAddressKind.IPv6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
            _udp = UdpSocket.Bind(_loop, any, this);
        }
        catch (NetException e)
        {
            SetFailure(DnsQueryStatus.Failed, e.Message);
            return false;
        }
        if (_udp.Send(Server, query))
            return true;
        SetFailure(DnsQueryStatus.Failed, $"{Server}: {NetException.Text(_udp.LastError)}");
        return false;
    }

    private void OnTcpMessage(ReadOnlySpan<byte> message) => OnMessage(message, isTcp: true);

    private void OnTcpFailed(string error)
    {
        SetFailure(DnsQueryStatus.Failed, $"{Server}: {error}");
        TryNextServer();
    }

    private void OnTimeout()
    {
        _stats.Timeouts.Inc();
        SetFailure(DnsQueryStatus.TimedOut, $"{Server}: timed out");
        TryNextServer();
    }

    private void OnMessage(ReadOnlySpan<byte> message, bool isTcp)
    {
        var answer = DnsResponse.Read(message, _id, _name, _type);
        switch (answer.Outcome)
        {
            case DnsOutcome.Addresses:
                Finish(new DnsQueryResult(DnsQueryStatus.Addresses, answer.Addresses, Math.Min(answer.TtlSeconds, _aliasTtlSeconds), null));
                return;
            case DnsOutcome.NoData:
                _stats.NotFound.Inc();
                Finish(new DnsQueryResult(DnsQueryStatus.NoData, [], 0, $"{_name} has no {_type} records"));
                return;
            case DnsOutcome.NoSuchName:
                _stats.NotFound.Inc();
                Finish(new DnsQueryResult(DnsQueryStatus.NoSuchName, [], 0, $"{_name} does not exist"));
                return;
            case DnsOutcome.Alias:
                FollowAlias(answer, isTcp);
                return;
            case DnsOutcome.Truncated when !isTcp:
                Retry(useTcp: true);
                return;
            case DnsOutcome.FormatError when _edns:
                _edns = false;
                Retry(isTcp);
                return;
            case DnsOutcome.NotOurs when !isTcp:
                return;
            default:
                SetFailure(DnsQueryStatus.Failed, $"{Server}: {Describe(answer)}");
                TryNextServer();
                return;
        }
    }

    private void FollowAlias(in DnsAnswer answer, bool isTcp)
    {
        if (++_aliases > MaxAliases)
        {
            SetFailure(DnsQueryStatus.Failed, $"{_name}: too many aliases");
            TryNextServer();
            return;
        }
        _name = answer.Alias!;
        _aliasTtlSeconds = Math.Min(_aliasTtlSeconds, answer.TtlSeconds);
        Retry(isTcp && _servers.UseTcp);
    }

    /// <summary>Asks the same server again, in another way.</summary>
    private void Retry(bool useTcp)
    {
        if (!TrySend(useTcp))
            TryNextServer();
    }

    private void SetFailure(DnsQueryStatus status, string error)
    {
        _lastFailure = status;
        _lastError = error;
    }

    private void Finish(in DnsQueryResult result)
    {
        _stats.ResolveTotal.Inc();
        Dispose();
        _done(result);
    }

    private void EndAttempt()
    {
        _timer.Cancel();
        _udp?.Dispose();
        _udp = null;
        _tcp?.Dispose();
        _tcp = null;
    }

    private static string Describe(in DnsAnswer answer) => answer.Outcome switch
    {
        DnsOutcome.Malformed => "malformed answer",
        DnsOutcome.FormatError => "FORMERR",
        DnsOutcome.ServerFailure => answer.ResponseCode switch
        {
            2 => "SERVFAIL",
            4 => "NOTIMP",
            5 => "REFUSED",
            _ => $"response code {answer.ResponseCode}",
        },
        _ => "not an answer to the question",
    };
}
