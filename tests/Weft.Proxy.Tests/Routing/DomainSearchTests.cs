using System.Text;
using Weft.Proxy.Routing;

namespace Weft.Proxy.Tests.Routing;

public class DomainSearchTests
{
    private const string Table = """
        name: r
        virtual_hosts:
        - { name: exact, domains: [www.foo.com, "foo.com:8080"], routes: [{ match: { prefix: / }, route: { cluster: exact } }] }
        - { name: longSuffix, domains: ["*-bar.baz.com"], routes: [{ match: { prefix: / }, route: { cluster: longSuffix } }] }
        - { name: suffix, domains: ["*.foo.com", "*.baz.com"], routes: [{ match: { prefix: / }, route: { cluster: suffix } }] }
        - { name: longPrefix, domains: ["www.foo.*"], routes: [{ match: { prefix: / }, route: { cluster: longPrefix } }] }
        - { name: prefix, domains: ["www.*"], routes: [{ match: { prefix: / }, route: { cluster: prefix } }] }
        - { name: any, domains: ["*"], routes: [{ match: { prefix: / }, route: { cluster: any } }] }
        """;

    [Theory]
    [InlineData("www.foo.com", "exact")]
    [InlineData("WWW.Foo.COM", "exact")]
    [InlineData("foo.com:8080", "exact")]
    [InlineData("api.foo.com", "suffix")]
    [InlineData("a.b.foo.com", "suffix")]
    [InlineData("foo-bar.baz.com", "longSuffix")]
    [InlineData("x.baz.com", "suffix")]
    [InlineData(".foo.com", "any")]
    [InlineData("www.foo.org", "longPrefix")]
    [InlineData("www.foo.", "prefix")]
    [InlineData("www.else", "prefix")]
    [InlineData("www.", "any")]
    [InlineData("www.foo.com:80", "longPrefix")]
    [InlineData("other", "any")]
    [InlineData("", "any")]
    public void Exact_then_longest_suffix_then_longest_prefix_then_any(string host, string expected)
        => Assert.Equal(expected, Routes.Table(Table).NameFor("/", host));

    [Fact]
    public void Without_a_host_for_any_domain_an_unknown_one_has_no_route()
    {
        var table = Routes.Table("""
            virtual_hosts: [{ name: v, domains: [a.com], routes: [{ match: { prefix: / }, route: { cluster: c } }] }]
            """);
        Assert.Null(table.NameFor("/", "b.com"));
        Assert.Null(table.NameFor("/", "a.com:80"));
    }

    [Theory]
    [InlineData("a.com:80")]
    [InlineData("a.com")]
    [InlineData("a.com:65535")]
    public void Ports_can_be_ignored(string host)
    {
        var table = Routes.Table("""
            ignore_port_in_host_matching: true
            virtual_hosts: [{ name: v, domains: [a.com, "[::1]"], routes: [{ match: { prefix: / }, route: { cluster: c } }] }]
            """);
        Assert.Equal("c", table.NameFor("/", host));
        Assert.Equal("c", table.NameFor("/", "[::1]:8080"));
        Assert.Equal("c", table.NameFor("/", "[::1]"));
    }

    [Fact]
    public void A_domain_may_be_given_once_only()
    {
        Assert.Equal(
            ["Only unique values for domains are permitted. Duplicate entry of domain a.com in route r: virtual host a (t.yaml:3:3) has it already"],
            Routes.Faults("""
                name: r
                virtual_hosts:
                - { name: a, domains: [a.com], routes: [] }
                - { name: b, domains: [A.COM], routes: [] }
                """));
        Assert.Equal(
            ["Only unique values for domains are permitted. Duplicate entry of domain *.a.com in route r: virtual host a (t.yaml:2:17) has it already"],
            Routes.Faults("""
                name: r
                virtual_hosts: [{ name: a, domains: ["*.a.com", "*.A.com"], routes: [] }]
                """));
        Assert.Equal(
            ["Only a single wildcard domain is permitted in route r: virtual host a (t.yaml:3:3) has it already"],
            Routes.Faults("""
                name: r
                virtual_hosts:
                - { name: a, domains: ["*"], routes: [] }
                - { name: b, domains: ["*"], routes: [] }
                """));
    }

    [Fact]
    public void A_suffix_and_a_prefix_of_the_same_text_are_different_domains()
        => Assert.Empty(Routes.Faults("""virtual_hosts: [{ name: a, domains: ["*foo", "foo*", "foo"], routes: [] }]"""));

    [Fact]
    public void Ten_thousand_hosts_are_told_apart_without_allocating()
    {
        var index = new DomainIndex<string>();
        for (var i = 0; i < 10_000; i++)
        {
            Assert.True(index.TryAdd($"host-{i}.example.com", $"{i}"));
            Assert.True(index.TryAdd($"*.wild-{i}.example.com", $"w{i}"));
        }

        for (var i = 0; i < 10_000; i++)
        {
            Assert.Equal($"{i}", index.Find(Encoding.UTF8.GetBytes($"HOST-{i}.example.com")));
            Assert.Equal($"w{i}", index.Find(Encoding.UTF8.GetBytes($"a.wild-{i}.example.COM")));
        }

        var host = "x.wild-9999.example.com"u8.ToArray();
        var absent = "absent.example.org"u8.ToArray();
        Assert.Equal(0, Allocations.Of(() =>
        {
            index.Find(host);
            index.Find(absent);
        }));
    }
}
