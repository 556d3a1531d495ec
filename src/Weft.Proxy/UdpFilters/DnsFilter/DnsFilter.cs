using System.Text;
using Weft.Net;
using Weft.Net.Udp;
using Weft.Proxy.Clusters;
using Weft.Proxy.Workers;

namespace Weft.Proxy.UdpFilters.DnsFilter;

/// <summary>Answers DNS queries for A, AAAA and SRV records from its table, from clusters, or by asking other servers. One worker.</summary>
internal sealed class DnsFilter(DnsFilterFactory config, Worker worker) : UdpFilter
{
    private readonly DnsAnswer _answer = new();
    private bool _isOver;

    public override bool OnDatagram(in Datagram datagram)
    {
        var stats = config.Stats;
        stats.RxQueries.Inc();
        stats.RxBytes.Record(datagram.Data.Length);
        Span<char> name = stackalloc char[DnsQuestion.MaxNameChars];
        var question = DnsQuestion.Read(datagram.Data, name, out var fault);
        if (fault == DnsQuestionFault.None)
        {
            stats.Queries.Of(question.Type).Inc();
            if (question.HasAdditional)
                stats.WithAdditional.Inc();
        }
        else
        {
            Count(fault);
        }

        _answer.Begin(question);
        if (fault == DnsQuestionFault.None && Answer(question, datagram))
            return false;
        if (fault == DnsQuestionFault.None)
            stats.RxLatencyMs.Record(0);
        Send(datagram.Socket, datagram.From, datagram.To, question, isBroken: fault != DnsQuestionFault.None);
        return false;
    }

    public override void OnReceiveError() => config.Stats.RxErrors.Inc();

    public override void End() => _isOver = true;

    /// <summary>True when the answer comes later.</summary>
    private bool Answer(in DnsQuestion question, in Datagram datagram)
    {
        var isKnown = config.Table.Knows(question.Name);
        if (isKnown)
            config.Stats.KnownDomain.Inc();
        if ((isKnown || config.External is null) && question.IsSupported && AnswerHere(question))
            return false;
        if (config.External is not { } external || question.Type is not (DnsQuestion.TypeA or DnsQuestion.TypeAaaa))
        {
            config.Stats.Unanswered.Inc();
            return false;
        }

        var pending = new PendingAnswer(datagram.Socket, datagram.From, datagram.To, datagram.Data.ToArray(), worker.Loop.NowUs);
        if (external.TryStart(question.Name.ToString(), question.Type, worker, addresses => AnswerLater(pending, addresses)))
            return true;
        CountExternal(question.Type, 0);
        return false;
    }

    private bool AnswerHere(in DnsQuestion question)
    {
        var domain = config.Table.Find(question.Name);
        if (question.Type == DnsQuestion.TypeSrv)
            return domain is not null && AnswerService(domain);
        return AnswerFromCluster(question, domain) || AnswerFromTable(question.Type, domain);
    }

    /// <summary>The addresses of a cluster's endpoints: of the one that the table names, else of one that has the very name.</summary>
    private bool AnswerFromCluster(in DnsQuestion question, DnsDomain? domain)
    {
        Span<byte> name = stackalloc byte[DnsQuestion.MaxNameChars * 2];
        var reference = domain?.Cluster ?? config.Clusters.Find(name[..Encoding.UTF8.GetBytes(question.Name, name)]);
        if (reference is null || worker.Clusters.Find(reference) is not { } cluster)
            return false;
        foreach (var priority in cluster.Endpoints.Priorities)
        {
            foreach (var endpoint in priority.All)
            {
                if (_answer.TryAdd(question.Type, endpoint.Address, domain?.TtlSeconds ?? 300))
                    config.Stats.ClusterAnswers.Of(question.Type).Inc();
            }
        }

        return _answer.Count > 0;
    }

    /// <summary>False when the name is not there; with addresses of the other kind only, it is.</summary>
    private bool AnswerFromTable(ushort type, DnsDomain? domain)
    {
        if (domain is not { Addresses: { Count: > 0 } addresses })
            return false;
        // So that not all clients take the same.
        var first = (int)(worker.Random.Next() % (ulong)addresses.Count);
        for (var i = 0; i < addresses.Count; i++)
        {
            if (_answer.TryAdd(type, addresses[(first + i) % addresses.Count], domain.TtlSeconds))
                config.Stats.LocalAnswers.Of(type).Inc();
        }

        return true;
    }

    private bool AnswerService(DnsDomain service)
    {
        foreach (var target in service.Targets)
        {
            if (target.Cluster is { } reference)
                AddEndpoints(service, target, worker.Clusters.Find(reference));
            else
                AddHost(service, target, config.Table.Find(target.Name));
        }

        return _answer.Count > 0;
    }

    private void AddEndpoints(DnsDomain service, in DnsServiceTarget target, WorkerCluster? cluster)
    {
        foreach (var priority in cluster?.Endpoints.Priorities ?? [])
        {
            foreach (var endpoint in priority.All)
            {
                var port = target.Port > 0 ? target.Port : endpoint.Address.Port;
                if (_answer.TryAddService(target, service.TtlSeconds, port, endpoint.Address, service.TtlSeconds))
                    CountService(config.Stats.ClusterAnswers, endpoint.Address);
            }
        }
    }

    private void AddHost(DnsDomain service, in DnsServiceTarget target, DnsDomain? host)
    {
        foreach (var address in host?.Addresses ?? [])
        {
            if (_answer.TryAddService(target, service.TtlSeconds, target.Port, address, host!.TtlSeconds))
                CountService(config.Stats.LocalAnswers, address);
        }
    }

    private void AnswerLater(PendingAnswer pending, IReadOnlyList<NetAddress> addresses)
    {
        if (_isOver)
            return;
        Span<char> name = stackalloc char[DnsQuestion.MaxNameChars];
        var question = DnsQuestion.Read(pending.Query, name, out _);
        _answer.Begin(question);
        foreach (var address in addresses)
            _answer.TryAdd(question.Type, address, config.Table.Find(question.Name)?.TtlSeconds ?? 300);
        CountExternal(question.Type, addresses.Count);
        config.Stats.RxLatencyMs.Record((worker.Loop.NowUs - pending.StartUs) / 1000);
        Send(pending.Socket, pending.From, pending.To, question, isBroken: false);
    }

    private void Send(UdpListenSocket socket, NetAddress to, NetAddress from, in DnsQuestion question, bool isBroken)
    {
        var message = _answer.End(question, isBroken, config.External is not null);
        config.Stats.TxResponses.Inc();
        config.Stats.TxBytes.Record(message.Length);
        socket.Send(from, to, message);
    }

    private void Count(DnsQuestionFault fault)
    {
        config.Stats.RxInvalid.Inc();
        switch (fault)
        {
            case DnsQuestionFault.TooShort:
                config.Stats.BufferUnderflow.Inc();
                break;
            case DnsQuestionFault.HasRecords:
                config.Stats.WithRecords.Inc();
                break;
            case DnsQuestionFault.Malformed:
                config.Stats.ParsingFailure.Inc();
                break;
        }
    }

    private void CountExternal(ushort type, int answers)
    {
        config.Stats.ExternallyResolved.Inc();
        config.Stats.ExternalQueries.Of(type).Inc();
        config.Stats.ExternalAnswers.Of(type).Add(answers);
        if (answers == 0)
            config.Stats.Unanswered.Inc();
    }

    private static void CountService(DnsTypeCounters counters, NetAddress address)
    {
        counters.Of(DnsQuestion.TypeSrv).Inc();
        counters.Of(DnsAnswer.TypeOf(address)).Inc();
    }

    /// <summary>A query whose answer somebody else is asked for.</summary>
    private sealed record PendingAnswer(UdpListenSocket Socket, NetAddress From, NetAddress To, byte[] Query, long StartUs);
}
