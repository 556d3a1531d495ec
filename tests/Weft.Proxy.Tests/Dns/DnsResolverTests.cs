using System.Net;
using Weft.Base.Stats;
using Weft.Net;
using Weft.Proxy.Dns;

namespace Weft.Proxy.Tests.Dns;

public sealed class DnsResolverTests : IDisposable
{
    private readonly TestLoop _test = new();
    private readonly StatsStore _stats = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("weft-dns-").FullName;

    public void Dispose()
    {
        _test.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string File(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        System.IO.File.WriteAllText(path, text);
        return path;
    }

    private DnsResolver Resolver(IEnumerable<ScriptedDnsServer> servers, string resolvConf = "", string hosts = "", Func<DnsResolverConfig, DnsResolverConfig>? with = null)
    {
        var config = new DnsResolverConfig
        {
            Resolvers = [.. servers.Select(s => s.Address)],
            HostsPath = File("hosts", hosts),
            ResolvConfPath = File("resolv.conf", resolvConf),
        };
        return new DnsResolver(_test.Loop, with?.Invoke(config) ?? config, _stats);
    }

    private DnsResult Resolve(DnsResolver resolver, string name, DnsLookupFamily family = DnsLookupFamily.V4Only)
    {
        DnsResult? result = null;
        resolver.Resolve(name, family, r => result = r);
        Assert.Null(result);
        _test.Until(() => result is not null);
        return result!;
    }

    private static string[] Texts(DnsResult result) => [.. result.Addresses.Select(a => a.ToString())];

    [Fact]
    public void All_records_of_a_name_are_found_with_their_ttl()
    {
        var server = new ScriptedDnsServer(_test);
        server.AnswerWith(17, "10.0.0.1", "10.0.0.2");
        var result = Resolve(Resolver([server]), "web.test");
        Assert.True(result.Succeeded);
        Assert.Equal(["10.0.0.1", "10.0.0.2"], Texts(result));
        Assert.Equal(17u, result.TtlSeconds);
        Assert.True(Assert.Single(server.Questions).HasEdns);
    }

    [Theory]
    [InlineData(DnsLookupFamily.V4Only, new[] { "10.0.0.1" }, "A")]
    [InlineData(DnsLookupFamily.V6Only, new[] { "fd00::1" }, "Aaaa")]
    [InlineData(DnsLookupFamily.Auto, new[] { "fd00::1" }, "Aaaa")]
    [InlineData(DnsLookupFamily.V4Preferred, new[] { "10.0.0.1" }, "A")]
    [InlineData(DnsLookupFamily.All, new[] { "10.0.0.1", "fd00::1" }, "A,Aaaa")]
    public void The_family_decides_what_is_asked(DnsLookupFamily family, string[] expected, string types)
    {
        var server = new ScriptedDnsServer(_test);
        server.AnswerWith("10.0.0.1", "fd00::1");
        Assert.Equal(expected, Texts(Resolve(Resolver([server]), "web.test", family)));
        Assert.Equal(types, string.Join(',', server.Questions.Select(q => q.Type)));
    }

    [Theory]
    [InlineData(DnsLookupFamily.Auto, "10.0.0.1")]
    [InlineData(DnsLookupFamily.V4Preferred, "fd00::1")]
    [InlineData(DnsLookupFamily.All, "fd00::1")]
    public void The_other_family_is_taken_when_there_is_no_record_of_the_first(DnsLookupFamily family, string only)
    {
        var server = new ScriptedDnsServer(_test);
        server.AnswerWith(only);
        Assert.Equal([only], Texts(Resolve(Resolver([server]), "web.test", family)));
        Assert.Equal(2, server.Questions.Count);
    }

    [Fact]
    public void A_name_that_does_not_exist_is_a_success_without_addresses()
    {
        var server = new ScriptedDnsServer(_test) { Answer = q => q.Reply(flags: 0x8183).Bytes };
        var result = Resolve(Resolver([server]), "absent.test");
        Assert.True(result.Succeeded);
        Assert.Empty(result.Addresses);
        Assert.Equal("absent.test does not exist", result.Error);
        Assert.Equal(1, _stats.Scope("dns.cares.").Counter("not_found").Value);
    }

    [Fact]
    public void The_next_server_is_asked_when_one_fails()
    {
        var broken = new ScriptedDnsServer(_test) { Answer = q => q.Reply(flags: 0x8182).Bytes };
        var good = new ScriptedDnsServer(_test);
        good.AnswerWith("10.0.0.1");
        Assert.Equal(["10.0.0.1"], Texts(Resolve(Resolver([broken, good]), "web.test")));
        Assert.Single(broken.Questions);
    }

    [Fact]
    public void When_all_servers_refuse_in_every_round_the_look_up_fails()
    {
        var server = new ScriptedDnsServer(_test) { Answer = q => q.Reply(flags: 0x8185).Bytes };
        var result = Resolve(Resolver([server], "options attempts:2"), "web.test");
        Assert.False(result.Succeeded);
        Assert.Equal($"{server.Address}: REFUSED", result.Error);
        Assert.Equal(2, server.Questions.Count);
    }

    [Fact]
    public void A_silent_server_is_given_up_and_the_time_doubles_each_round()
    {
        var server = new ScriptedDnsServer(_test);
        DnsResult? result = null;
        Resolver([server], "options timeout:2 attempts:2").Resolve("web.test", DnsLookupFamily.V4Only, r => result = r);
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
        Assert.Equal(2, _stats.Scope("dns.cares.").Counter("timeouts").Value);
        Assert.Equal(0, _stats.Scope("dns.cares.").Gauge("pending_resolutions").Value);
    }

    [Fact]
    public void Each_attempt_has_another_id_and_another_port()
    {
        var server = new ScriptedDnsServer(_test) { Answer = q => q.Reply(flags: 0x8182).Bytes };
        var resolver = Resolver([server], "options attempts:5");
        for (var i = 0; i < 4; i++)
            Resolve(resolver, "web.test");
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
        Assert.Equal(["10.0.0.1"], Texts(Resolve(Resolver([server]), "web.test")));
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
        Assert.Equal(300, Resolve(Resolver([server]), "web.test").Addresses.Count);
        Assert.Equal([false, true], server.Questions.Select(q => q.IsTcp));
    }

    [Fact]
    public void A_tcp_server_that_hangs_up_or_is_not_there_counts_as_failed()
    {
        var rude = new ScriptedDnsServer(_test);
        var absent = new ScriptedDnsServer(_test);
        var good = new ScriptedDnsServer(_test);
        good.AnswerWith("10.0.0.1");
        var resolver = Resolver([rude, absent, good], with: config => config with { UseTcp = true });
        absent.Dispose();
        Assert.Equal(["10.0.0.1"], Texts(Resolve(resolver, "web.test")));
        Assert.True(Assert.Single(rude.Questions).IsTcp);
        Assert.True(Assert.Single(good.Questions).IsTcp);
    }

    [Fact]
    public void A_server_that_does_not_know_edns_is_asked_again_without()
    {
        var server = new ScriptedDnsServer(_test);
        server.Answer = q => q.HasEdns ? new DnsMessageBuilder(q.Id, 0x8181, questions: 0).Bytes : q.Reply(1).Address(q.Name, "10.0.0.1").Bytes;
        Assert.Equal(["10.0.0.1"], Texts(Resolve(Resolver([server]), "web.test")));
        Assert.Equal([true, false], server.Questions.Select(q => q.HasEdns));
    }

    [Fact]
    public void An_alias_that_the_server_did_not_follow_is_followed_here_and_its_ttl_counts()
    {
        var server = new ScriptedDnsServer(_test);
        server.Answer = q => q.Name == "web.test"
            ? q.Reply(1).Cname("web.test", "far.test", 3).Bytes
            : q.Reply(1).Address("far.test", "10.0.0.1", 60).Bytes;
        var result = Resolve(Resolver([server]), "web.test");
        Assert.Equal(["10.0.0.1"], Texts(result));
        Assert.Equal(3u, result.TtlSeconds);
    }

    [Fact]
    public void Aliases_without_end_fail()
    {
        var server = new ScriptedDnsServer(_test);
        server.Answer = q => q.Reply(1).Cname(q.Name, "x" + q.Name).Bytes;
        Assert.False(Resolve(Resolver([server], "options attempts:1"), "web.test").Succeeded);
        Assert.Equal(9, server.Questions.Count);
    }

    [Theory]
    [InlineData("web", 1, "web.a.test,web.b.test,web")]
    [InlineData("web.x", 1, "web.x,web.x.a.test,web.x.b.test")]
    [InlineData("web.x", 2, "web.x.a.test,web.x.b.test,web.x")]
    [InlineData("web.", 1, "web")]
    public void The_search_list_is_tried_in_the_order_that_the_dots_ask_for(string name, int ndots, string asked)
    {
        var server = new ScriptedDnsServer(_test) { Answer = q => q.Reply(flags: 0x8183).Bytes };
        Resolve(Resolver([server], $"search a.test b.test\noptions ndots:{ndots}"), name);
        Assert.Equal(asked, string.Join(',', server.Questions.Select(q => q.Name)));
    }

    [Fact]
    public void The_first_name_of_the_search_list_with_addresses_wins()
    {
        var server = new ScriptedDnsServer(_test);
        server.Answer = q => q.Name == "web.b.test" && q.Type == DnsRecordType.A ? q.Reply(1).Address(q.Name, "10.0.0.1").Bytes : q.Reply(flags: 0x8183).Bytes;
        Assert.Equal(["10.0.0.1"], Texts(Resolve(Resolver([server], "search a.test b.test"), "web", DnsLookupFamily.Auto)));
        Assert.DoesNotContain(server.Questions, q => q.Name == "web");
    }

    [Fact]
    public void The_search_list_can_be_switched_off()
    {
        var server = new ScriptedDnsServer(_test) { Answer = q => q.Reply(flags: 0x8183).Bytes };
        Resolve(Resolver([server], "search a.test", with: config => config with { NoDefaultSearchDomain = true }), "web");
        Assert.Equal("web", Assert.Single(server.Questions).Name);
    }

    [Fact]
    public void A_failure_on_the_way_makes_an_empty_result_a_failure()
    {
        var server = new ScriptedDnsServer(_test) { Answer = q => q.Reply(flags: (ushort)(q.Type == DnsRecordType.Aaaa ? 0x8180 : 0x8182)).Bytes };
        Assert.False(Resolve(Resolver([server]), "web.test", DnsLookupFamily.Auto).Succeeded);
    }

    [Fact]
    public void The_hosts_file_wins_and_asks_nobody()
    {
        var server = new ScriptedDnsServer(_test);
        server.AnswerWith("10.9.9.9");
        var resolver = Resolver([server], hosts: "10.0.0.1 web\n10.0.0.2 web\nfd00::1 six\n");
        Assert.Equal(["10.0.0.1", "10.0.0.2"], Texts(Resolve(resolver, "web", DnsLookupFamily.Auto)));
        Assert.Empty(server.Questions);
        Assert.Equal(["10.9.9.9"], Texts(Resolve(resolver, "six")));
        File("hosts", "10.0.0.33 web\n");
        Assert.Equal(["10.0.0.33"], Texts(Resolve(resolver, "web")));
    }

    [Theory]
    [InlineData("localhost", DnsLookupFamily.V4Only, "127.0.0.1")]
    [InlineData("LOCALHOST.", DnsLookupFamily.V6Only, "::1")]
    [InlineData("db.localhost", DnsLookupFamily.V4Preferred, "127.0.0.1")]
    [InlineData("192.0.2.7", DnsLookupFamily.Auto, "192.0.2.7")]
    [InlineData("2001:db8::7", DnsLookupFamily.Auto, "2001:db8::7")]
    public void Localhost_and_literals_need_no_server(string name, DnsLookupFamily family, string expected)
    {
        Assert.Equal([expected], Texts(Resolve(Resolver([]), name, family)));
    }

    [Theory]
    [InlineData("192.0.2.7", DnsLookupFamily.V6Only)]
    [InlineData("a..b", DnsLookupFamily.Auto)]
    [InlineData("", DnsLookupFamily.Auto)]
    public void What_no_server_could_answer_is_empty_without_asking(string name, DnsLookupFamily family)
    {
        var result = Resolve(Resolver([]), name, family);
        Assert.True(result.Succeeded);
        Assert.Empty(result.Addresses);
        Assert.NotNull(result.Error);
    }

    [Fact]
    public void A_cancelled_look_up_calls_nobody_back()
    {
        var server = new ScriptedDnsServer(_test);
        server.AnswerWith("10.0.0.1");
        var resolver = Resolver([server]);
        var before = resolver.Resolve("web.test", DnsLookupFamily.All, _ => Assert.Fail("called back"));
        before.Dispose();
        var literal = resolver.Resolve("10.0.0.1", DnsLookupFamily.All, _ => Assert.Fail("called back"));
        literal.Dispose();
        _test.Settle();
        Assert.Empty(server.Questions);
        server.Answer = _ => null;
        var during = resolver.Resolve("web.test", DnsLookupFamily.All, _ => Assert.Fail("called back"));
        _test.Until(() => server.Questions.Count == 2);
        during.Dispose();
        _test.AdvanceMs(60_000);
        _test.Settle();
        Assert.Equal(2, server.Questions.Count);
    }

    [Fact]
    public void Configured_servers_as_fallback_are_used_only_when_the_system_names_none()
    {
        var system = new ScriptedDnsServer(_test);
        var fallback = new ScriptedDnsServer(_test);
        fallback.AnswerWith("10.0.0.1");
        var resolver = Resolver([fallback], with: config => config with { UseResolversAsFallback = true });
        Assert.Equal(["10.0.0.1"], Texts(Resolve(resolver, "web.test")));
        // Nameservers of resolv.conf always listen on port 53, so the system's cannot answer here: one that is not asked suffices.
        File("resolv.conf", "nameserver 127.0.0.77\noptions attempts:1 timeout:1\n");
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
        var resolver = Resolver(servers, "options rotate");
        for (var i = 0; i < 4; i++)
            Resolve(resolver, "web.test");
        Assert.Equal([2, 2], servers.Select(s => s.Questions.Count));
    }

    [Fact]
    public void Many_look_ups_at_once_do_not_disturb_each_other()
    {
        var server = new ScriptedDnsServer(_test);
        server.Answer = q => q.Reply(1).Address(q.Name, $"10.0.0.{q.Name.Split('.')[0][1..]}").Bytes;
        var resolver = Resolver([server]);
        var results = new DnsResult?[100];
        for (var i = 0; i < results.Length; i++)
        {
            var index = i;
            resolver.Resolve($"n{i}.test", DnsLookupFamily.V4Only, r => results[index] = r);
        }
        _test.Until(() => Array.TrueForAll(results, r => r is not null));
        for (var i = 0; i < results.Length; i++)
            Assert.Equal(IPAddress.Parse($"10.0.0.{i}"), Assert.Single(results[i]!.Addresses));
    }
}
