using System.Net;
using Weft.Net;
using Weft.Proxy.Dns;
using static Weft.Proxy.Tests.Dns.TestResolvers;

namespace Weft.Proxy.Tests.Dns;

public sealed class DnsResolverTests : IDisposable
{
    private readonly TestResolvers _resolvers = new();
    private readonly TestLoop _test;

    public DnsResolverTests() => _test = _resolvers.Test;

    public void Dispose() => _resolvers.Dispose();

    [Fact]
    public void All_records_of_a_name_are_found_with_their_ttl()
    {
        var server = new ScriptedDnsServer(_test);
        server.AnswerWith(17, "10.0.0.1", "10.0.0.2");
        var result = _resolvers.Resolve(_resolvers.Create([server]), "web.test");
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
        Assert.Equal(expected, Texts(_resolvers.Resolve(_resolvers.Create([server]), "web.test", family)));
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
        Assert.Equal([only], Texts(_resolvers.Resolve(_resolvers.Create([server]), "web.test", family)));
        Assert.Equal(2, server.Questions.Count);
    }

    [Fact]
    public void A_name_that_does_not_exist_is_a_success_without_addresses()
    {
        var server = new ScriptedDnsServer(_test) { Answer = q => q.Reply(flags: 0x8183).Bytes };
        var result = _resolvers.Resolve(_resolvers.Create([server]), "absent.test");
        Assert.True(result.Succeeded);
        Assert.Empty(result.Addresses);
        Assert.Equal("absent.test does not exist", result.Error);
        Assert.Equal(1, _resolvers.Stats.Scope("dns.cares.").Counter("not_found").Value);
    }

    [Fact]
    public void An_alias_that_the_server_did_not_follow_is_followed_here_and_its_ttl_counts()
    {
        var server = new ScriptedDnsServer(_test);
        server.Answer = q => q.Name == "web.test"
            ? q.Reply(1).Cname("web.test", "far.test", 3).Bytes
            : q.Reply(1).Address("far.test", "10.0.0.1", 60).Bytes;
        var result = _resolvers.Resolve(_resolvers.Create([server]), "web.test");
        Assert.Equal(["10.0.0.1"], Texts(result));
        Assert.Equal(3u, result.TtlSeconds);
    }

    [Fact]
    public void Aliases_without_end_fail()
    {
        var server = new ScriptedDnsServer(_test);
        server.Answer = q => q.Reply(1).Cname(q.Name, "x" + q.Name).Bytes;
        Assert.False(_resolvers.Resolve(_resolvers.Create([server], "options attempts:1"), "web.test").Succeeded);
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
        _resolvers.Resolve(_resolvers.Create([server], $"search a.test b.test\noptions ndots:{ndots}"), name);
        Assert.Equal(asked, string.Join(',', server.Questions.Select(q => q.Name)));
    }

    [Fact]
    public void The_first_name_of_the_search_list_with_addresses_wins()
    {
        var server = new ScriptedDnsServer(_test);
        server.Answer = q => q.Name == "web.b.test" && q.Type == DnsRecordType.A ? q.Reply(1).Address(q.Name, "10.0.0.1").Bytes : q.Reply(flags: 0x8183).Bytes;
        Assert.Equal(["10.0.0.1"], Texts(_resolvers.Resolve(_resolvers.Create([server], "search a.test b.test"), "web", DnsLookupFamily.Auto)));
        Assert.DoesNotContain(server.Questions, q => q.Name == "web");
    }

    [Fact]
    public void The_search_list_can_be_switched_off()
    {
        var server = new ScriptedDnsServer(_test) { Answer = q => q.Reply(flags: 0x8183).Bytes };
        _resolvers.Resolve(_resolvers.Create([server], "search a.test", with: config => config with { NoDefaultSearchDomain = true }), "web");
        Assert.Equal("web", Assert.Single(server.Questions).Name);
    }

    [Fact]
    public void A_failure_on_the_way_makes_an_empty_result_a_failure()
    {
        var server = new ScriptedDnsServer(_test) { Answer = q => q.Reply(flags: (ushort)(q.Type == DnsRecordType.Aaaa ? 0x8180 : 0x8182)).Bytes };
        Assert.False(_resolvers.Resolve(_resolvers.Create([server]), "web.test", DnsLookupFamily.Auto).Succeeded);
    }

    [Fact]
    public void The_hosts_file_wins_and_asks_nobody()
    {
        var server = new ScriptedDnsServer(_test);
        server.AnswerWith("10.9.9.9");
        var resolver = _resolvers.Create([server], hosts: "10.0.0.1 web\n10.0.0.2 web\nfd00::1 six\n");
        Assert.Equal(["10.0.0.1", "10.0.0.2"], Texts(_resolvers.Resolve(resolver, "web", DnsLookupFamily.Auto)));
        Assert.Empty(server.Questions);
        Assert.Equal(["10.9.9.9"], Texts(_resolvers.Resolve(resolver, "six")));
        _resolvers.Write("hosts", "10.0.0.33 web\n");
        Assert.Equal(["10.0.0.33"], Texts(_resolvers.Resolve(resolver, "web")));
    }

    [Theory]
    [InlineData("localhost", DnsLookupFamily.V4Only, "127.0.0.1")]
    [InlineData("LOCALHOST.", DnsLookupFamily.V6Only, "::1")]
    [InlineData("db.localhost", DnsLookupFamily.V4Preferred, "127.0.0.1")]
    [InlineData("192.0.2.7", DnsLookupFamily.Auto, "192.0.2.7")]
    [InlineData("2001:db8::7", DnsLookupFamily.Auto, "2001:db8::7")]
    public void Localhost_and_literals_need_no_server(string name, DnsLookupFamily family, string expected)
    {
        Assert.Equal([expected], Texts(_resolvers.Resolve(_resolvers.Create([]), name, family)));
    }

    [Theory]
    [InlineData("192.0.2.7", DnsLookupFamily.V6Only)]
    [InlineData("a..b", DnsLookupFamily.Auto)]
    [InlineData("", DnsLookupFamily.Auto)]
    public void What_no_server_could_answer_is_empty_without_asking(string name, DnsLookupFamily family)
    {
        var result = _resolvers.Resolve(_resolvers.Create([]), name, family);
        Assert.True(result.Succeeded);
        Assert.Empty(result.Addresses);
        Assert.NotNull(result.Error);
    }

    [Fact]
    public void A_cancelled_look_up_calls_nobody_back()
    {
        var server = new ScriptedDnsServer(_test);
        server.AnswerWith("10.0.0.1");
        var resolver = _resolvers.Create([server]);
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
    public void Many_look_ups_at_once_do_not_disturb_each_other()
    {
        var server = new ScriptedDnsServer(_test);
        server.Answer = q => q.Reply(1).Address(q.Name, $"10.0.0.{q.Name.Split('.')[0][1..]}").Bytes;
        var resolver = _resolvers.Create([server]);
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
