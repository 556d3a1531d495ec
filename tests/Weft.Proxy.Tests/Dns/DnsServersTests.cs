using Weft.Net;
using Weft.Proxy.Dns;
using static Weft.Proxy.Tests.Dns.TestResolvers;

namespace Weft.Proxy.Tests.Dns;

/// <summary>Which servers are asked, how often, and what they may do wrong.</summary>
public sealed class DnsServersTests : IDisposable
{
    private readonly TestResolvers _resolvers = new();
    private readonly TestLoop _test;

    public DnsServersTests() => _test = _resolvers.Test;

    public void Dispose() => _resolvers.Dispose();

    [Fact]
    public void The_next_server_is_asked_when_one_fails()
    {
        var broken = new ScriptedDnsServer(_test) { Answer = q => q.Reply(flags: 0x8182).Bytes };
        var good = new ScriptedDnsServer(_test);
        good.AnswerWith("10.0.0.1");
        Assert.Equal(["10.0.0.1"], Texts(_resolvers.Resolve(_resolvers.Create([broken, good]), "web.test")));
        Assert.Single(broken.Questions);
    }

    [Fact]
    public void When_all_servers_refuse_in_every_round_the_look_up_fails()
    {
        var server = new ScriptedDnsServer(_test) { Answer = q => q.Reply(flags: 0x8185).Bytes };
        var result = _resolvers.Resolve(_resolvers.Create([server], "options attempts:2"), "web.test");
        Assert.False(result.Succeeded);
        Assert.Equal($"{server.Address}: REFUSED", result.Error);
        Assert.Equal(2, server.Questions.Count);
    }

    [Fact]
    public void A_silent_server_is_given_up_and_the_time_doubles_each_round()
    {
        var server = new ScriptedDnsServer(_test);
        DnsResult? result = null;
        _resolvers.Create([server], "options timeout:2 attempts:2").Resolve("web.test", DnsLookupFamily.V4Only, r => result = r);
        _test.Until(() => server.Questions.Count == 1);
        _test.AdvanceMs(1_999);
        _test.Settle();
        Assert.Single(server.Questions);
        _test.AdvanceMs(1);
        _test.Until(() => server.Questions.Count == 2);
        _test.AdvanceMs(3_999);
        Assert.Null(result);
        _test.AdvanceMs(1);
        _test.Until(() => result is not null);
        Assert.False(result!.Succeeded);
        Assert.Equal($"{server.Address}: timed out", result.Error);
        Assert.Equal(2, _resolvers.Stats.Scope("dns.cares.").Counter("timeouts").Value);
        Assert.Equal(0, _resolvers.Stats.Scope("dns.cares.").Gauge("pending_resolutions").Value);
    }

    [Fact]
    public void Each_attempt_has_another_id_and_another_port()
    {
        var server = new ScriptedDnsServer(_test) { Answer = q => q.Reply(flags: 0x8182).Bytes };
        var resolver = _resolvers.Create([server], "options attempts:5");
        for (var i = 0; i < 4; i++)
            _resolvers.Resolve(resolver, "web.test");
        Assert.Equal(20, server.Questions.Count);
        Assert.True(server.Questions.Select(q => q.Id).Distinct().Count() > 15);
        Assert.True(server.Questions.Select(q => q.From.Port).Distinct().Count() > 10);
    }

    [Fact]
    public void Forged_answers_are_passed_over_and_the_right_one_is_still_taken()
    {
        var server = new ScriptedDnsServer(_test);
        var other = new ScriptedDnsServer(_test);
        server.Answer = question =>
        {
            var wrong = new DnsMessageBuilder((ushort)(question.Id + 1), answers: 1).Question(question.Name, question.Type).Address(question.Name, "10.6.6.6").Bytes;
            var right = question.Reply(1).Address(question.Name, "10.6.6.6").Bytes;
            server.Send(question.From, wrong);
            server.Send(question.From, []);
            server.Send(question.From, [1, 2, 3]);
            other.Send(question.From, right);
            return question.Reply(1).Address(question.Name, "10.0.0.1").Bytes;
        };
        Assert.Equal(["10.0.0.1"], Texts(_resolvers.Resolve(_resolvers.Create([server]), "web.test")));
    }

    [Fact]
    public void An_answer_that_did_not_fit_is_asked_for_again_over_tcp()
    {
        var server = new ScriptedDnsServer(_test);
        server.Answer = question =>
        {
            if (!question.IsTcp)
                return question.Reply(flags: 0x8380).Bytes;
            var reply = question.Reply(300);
            for (var i = 0; i < 300; i++)
                reply.Address(question.Name, $"10.0.{i / 256}.{i % 256}");
            return reply.Bytes;
        };
        Assert.Equal(300, _resolvers.Resolve(_resolvers.Create([server]), "web.test").Addresses.Count);
        Assert.Equal([false, true], server.Questions.Select(q => q.IsTcp));
    }

    [Fact]
    public void A_tcp_server_that_hangs_up_or_is_not_there_counts_as_failed()
    {
        var rude = new ScriptedDnsServer(_test);
        var absent = new ScriptedDnsServer(_test);
        var good = new ScriptedDnsServer(_test);
        good.AnswerWith("10.0.0.1");
        var resolver = _resolvers.Create([rude, absent, good], with: config => config with { UseTcp = true });
        absent.Dispose();
        Assert.Equal(["10.0.0.1"], Texts(_resolvers.Resolve(resolver, "web.test")));
        Assert.True(Assert.Single(rude.Questions).IsTcp);
        Assert.True(Assert.Single(good.Questions).IsTcp);
    }

    [Fact]
    public void A_server_that_does_not_know_edns_is_asked_again_without()
    {
        var server = new ScriptedDnsServer(_test);
        server.Answer = q => q.HasEdns ? new DnsMessageBuilder(q.Id, 0x8181, questions: 0).Bytes : q.Reply(1).Address(q.Name, "10.0.0.1").Bytes;
        Assert.Equal(["10.0.0.1"], Texts(_resolvers.Resolve(_resolvers.Create([server]), "web.test")));
        Assert.Equal([true, false], server.Questions.Select(q => q.HasEdns));
    }

    [Fact]
    public void Configured_servers_as_fallback_are_used_only_when_the_system_names_none()
    {
        var system = new ScriptedDnsServer(_test);
        var fallback = new ScriptedDnsServer(_test);
        fallback.AnswerWith("10.0.0.1");
        var resolver = _resolvers.Create([fallback], with: config => config with { UseResolversAsFallback = true });
        Assert.Equal(["10.0.0.1"], Texts(_resolvers.Resolve(resolver, "web.test")));
        // Nameservers of resolv.conf always listen on port 53, so the system's cannot answer here: one that is not asked suffices.
        _resolvers.Write("resolv.conf", "nameserver 127.0.0.77\noptions attempts:1 timeout:1\n");
        DnsResult? result = null;
        resolver.Resolve("web.test", DnsLookupFamily.V4Only, r => result = r);
        _test.Settle();
        _test.AdvanceMs(1_000);
        _test.Until(() => result is not null);
        Assert.False(result!.Succeeded);
        Assert.Single(fallback.Questions);
        Assert.Empty(system.Questions);
    }

    [Fact]
    public void Rotate_begins_each_look_up_with_another_server()
    {
        var servers = new[] { new ScriptedDnsServer(_test), new ScriptedDnsServer(_test) };
        foreach (var server in servers)
            server.AnswerWith("10.0.0.1");
        var resolver = _resolvers.Create(servers, "options rotate");
        for (var i = 0; i < 4; i++)
            _resolvers.Resolve(resolver, "web.test");
        Assert.Equal([2, 2], servers.Select(s => s.Questions.Count));
    }
}
