using System.Net;
using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Weft.Config;
using Weft.Net;
using Weft.Proxy.Listeners.FilterChains;
using Weft.Proxy.Routing.Matching;
using SourceType = Envoy.Config.Listener.V3.FilterChainMatch.Types.ConnectionSourceType;

namespace Weft.Proxy.Tests.Listeners.FilterChains;

/// <summary>Which filter chain a connection gets, criterion by criterion and between them.</summary>
public sealed class FilterChainMatchTests
{
    private readonly ConfigContext _context = new();
    private readonly List<MatchTree.Candidate> _chains = [];

    [Fact]
    public void The_destination_port_comes_before_everything_else()
    {
        Add("port", new FilterChainMatch { DestinationPort = 443 });
        Add("name", new FilterChainMatch { ServerNames = { "a.example" } });
        Assert.Equal("port", Find(new() { LocalAddress = Address("10.0.0.1", 443), ServerName = "a.example" }));
        Assert.Equal("name", Find(new() { LocalAddress = Address("10.0.0.1", 80), ServerName = "a.example" }));
        Assert.Null(Find(new() { LocalAddress = Address("10.0.0.1", 80) }));
    }

    [Fact]
    public void The_longest_prefix_wins_and_there_is_no_way_back()
    {
        Add("wide", new FilterChainMatch { PrefixRanges = { Range("10.0.0.0", 8) } });
        Add("narrow", new FilterChainMatch { PrefixRanges = { Range("10.1.0.0", 16) }, ServerNames = { "a.example" } });
        Add("any", new FilterChainMatch());
        Assert.Equal("wide", Find(new() { LocalAddress = Address("10.2.0.1", 80) }));
        Assert.Equal("narrow", Find(new() { LocalAddress = Address("10.1.0.1", 80), ServerName = "a.example" }));
        Assert.Null(Find(new() { LocalAddress = Address("10.1.0.1", 80), ServerName = "b.example" }));
        Assert.Equal("any", Find(new() { LocalAddress = Address("192.168.0.1", 80) }));
        Assert.Equal("any", Find(new() { LocalAddress = NetAddress.FromUnixPath("/tmp/s") }));
    }

    [Theory]
    [InlineData("www.example.com", "exact")]
    [InlineData("WWW.example.com", "exact")]
    [InlineData("api.example.com", "narrow")]
    [InlineData("a.b.example.com", "narrow")]
    [InlineData("example.com", "wide")]
    [InlineData("other.com", "wide")]
    [InlineData("other.org", "any")]
    [InlineData("", "any")]
    public void Server_names_match_exactly_then_by_the_longest_wildcard(string name, string expected)
    {
        Add("any", new FilterChainMatch());
        Add("exact", new FilterChainMatch { ServerNames = { "www.example.com" } });
        Add("narrow", new FilterChainMatch { ServerNames = { "*.example.com" } });
        Add("wide", new FilterChainMatch { ServerNames = { "*.com" } });
        Assert.Equal(expected, Find(new() { ServerName = name }));
    }

    [Fact]
    public void Protocols_match_in_the_clients_order()
    {
        Add("h2", new FilterChainMatch { TransportProtocol = "tls", ApplicationProtocols = { "h2" } });
        Add("h1", new FilterChainMatch { TransportProtocol = "tls", ApplicationProtocols = { "http/1.1" } });
        Add("tls", new FilterChainMatch { TransportProtocol = "tls" });
        Add("clear", new FilterChainMatch { TransportProtocol = "raw_buffer" });
        Assert.Equal("h1", Find(new() { TransportProtocol = "tls", ApplicationProtocols = ["http/1.1", "h2"] }));
        Assert.Equal("h2", Find(new() { TransportProtocol = "tls", ApplicationProtocols = ["spdy", "h2"] }));
        Assert.Equal("tls", Find(new() { TransportProtocol = "tls" }));
        Assert.Equal("clear", Find(new() { TransportProtocol = "raw_buffer" }));
        Assert.Equal("clear", Find(new()));
    }

    [Fact]
    public void Sources_match_by_kind_address_and_port()
    {
        Add("local", new FilterChainMatch { SourceType = SourceType.SameIpOrLoopback });
        Add("external", new FilterChainMatch { SourceType = SourceType.External });
        Add("office", new FilterChainMatch { SourceType = SourceType.External, SourcePrefixRanges = { Range("203.0.113.0", 24) } });
        Add("office port", new FilterChainMatch { SourceType = SourceType.External, SourcePrefixRanges = { Range("203.0.113.0", 24) }, SourcePorts = { 999 } });
        Assert.Equal("local", Find(new() { RemoteAddress = Address("127.0.0.1", 1) }));
        Assert.Equal("local", Find(new() { RemoteAddress = Address("10.0.0.1", 1), LocalAddress = Address("10.0.0.1", 2) }));
        Assert.Equal("external", Find(new() { RemoteAddress = Address("10.0.0.1", 1), LocalAddress = Address("10.0.0.2", 2) }));
        Assert.Equal("office", Find(new() { RemoteAddress = Address("203.0.113.7", 1) }));
        Assert.Equal("office port", Find(new() { RemoteAddress = Address("203.0.113.7", 999) }));
    }

    [Fact]
    public void The_peer_of_the_socket_and_the_client_behind_it_are_told_apart()
    {
        Add("through proxy", new FilterChainMatch { DirectSourcePrefixRanges = { Range("10.0.0.0", 8) } });
        Add("direct", new FilterChainMatch());
        Assert.Equal("through proxy", Find(new() { RemoteAddress = Address("203.0.113.7", 1), DirectRemoteAddress = Address("10.0.0.9", 1) }));
        Assert.Equal("direct", Find(new() { RemoteAddress = Address("10.0.0.9", 1), DirectRemoteAddress = Address("203.0.113.7", 1) }));
    }

    [Fact]
    public void Two_chains_with_the_same_criteria_are_refused()
    {
        Add("one", new FilterChainMatch { ServerNames = { "a.example", "b.example" } });
        Add("two", new FilterChainMatch { ServerNames = { "b.example" } });
        Find(new());
        Assert.Equal("error adding listener 'web': filter chain 'two' has the same matching rules defined as 'one'", Assert.Single(_context.Findings.All).Text);
    }

    private void Add(string name, FilterChainMatch match) => _chains.Add(new MatchTree.Candidate(new FilterChain { Name = name }, match, new FilterChainConfig(name, []))
    {
        Destinations = Ranges(match.PrefixRanges),
        Sources = Ranges(match.SourcePrefixRanges),
        DirectSources = Ranges(match.DirectSourcePrefixRanges),
    });

    private string? Find(FilterChainMatchInput input) => new MatchTree("web", _context).Build(_chains)!.Find(input)?.Name;

    private AddressRange[] Ranges(IEnumerable<CidrRange> ranges) => AddressRanges.Compile(ranges, _context);

    private static CidrRange Range(string prefix, uint bits) => new() { AddressPrefix = prefix, PrefixLen = bits };

    private static NetAddress Address(string ip, int port) => NetAddress.FromIP(IPAddress.Parse(ip), port);
}
