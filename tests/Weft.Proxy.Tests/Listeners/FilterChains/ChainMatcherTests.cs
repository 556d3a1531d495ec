using Weft.Proxy.Bootstrap;
using Weft.Proxy.Tests.TransportSockets.Tls;
using static Weft.Proxy.Tests.Listeners.TestListener;

namespace Weft.Proxy.Tests.Listeners.FilterChains;

/// <summary>filter_chain_matcher, by a server in this process.</summary>
public sealed class ChainMatcherTests : IDisposable
{
    private const string Network = "type.googleapis.com/envoy.extensions.matching.common_inputs.network.v3";
    private const string TlsInspector = "listener_filters: [ { name: tls, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector } } ]";

    private readonly TlsFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_tree_of_matchers_names_the_chain()
    {
        var byName = $"matcher_tree: {{ input: {{ name: sni, typed_config: {{ '@type': {Network}.ServerNameInput }} }}, custom_match: {{ name: c, typed_config: {{ '@type': type.googleapis.com/xds.type.matcher.v3.ServerNameMatcher, domain_matchers: [ {{ domains: [ server.example ], on_match: {Chain("one")} }}, {{ domains: [ '*.nowhere' ], on_match: {Chain("missing")} }} ] }} }} }}";
        var matcher = $"filter_chain_matcher: {{ matcher_tree: {{ input: {{ name: t, typed_config: {{ '@type': {Network}.TransportProtocolInput }} }}, exact_match_map: {{ map: {{ tls: {{ matcher: {{ {byName} }} }} }} }} }} }}";
        using var running = Run($"{TlsInspector}, {matcher}, default_filter_chain: {{ filters: [ {HttpFilter("default")} ] }}",
            $"name: one, transport_socket: {_folder.Downstream()}, filters: [ {HttpFilter("one")} ]",
            $"name: two, filters: [ {HttpFilter("two")} ]");
        Assert.Contains("x-chain: one server.example", await _folder.Get(running.Listener()));
        Assert.Contains("x-chain: default", await Send(running, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"));
        // A chain that is not there is no reason to take the default one.
        Assert.Null(await _folder.Get(running.Listener(), host: "a.nowhere"));
        await ExpectStat(running, "no_filter_chain_match", 1);
        Assert.Contains(running.Findings.All, finding => finding.Text == "there is no filter chain 'missing': connections that match are closed");
    }

    [Theory]
    [InlineData("SourceTypeInput", "local")]
    [InlineData("SourceIPInput", "127.0.0.1")]
    [InlineData("DirectSourceIPInput", "127.0.0.1")]
    [InlineData("DestinationIPInput", "127.0.0.1")]
    public async Task Addresses_are_matched_as_text(string input, string value)
    {
        using var running = Run(
            $"filter_chain_matcher: {{ matcher_list: {{ matchers: [ {{ predicate: {{ single_predicate: {{ input: {{ name: i, typed_config: {{ '@type': {Network}.{input} }} }}, value_match: {{ exact: '{value}' }} }} }}, on_match: {Chain("two")} }} ] }}, on_no_match: {Chain("one")} }}",
            $"name: one, filters: [ {HttpFilter("one")} ]",
            $"name: two, filters: [ {HttpFilter("two")} ]");
        Assert.Contains("x-chain: two", await Send(running, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"));
    }

    [Theory]
    [InlineData("filters: [ ECHO ]", "filters: [ ECHO ]", "error adding listener 'web': \"name\" field is required when using a listener matcher")]
    [InlineData("name: a, filters: [ ECHO ]", "name: a, filters: [ ECHO ]", "error adding listener 'web': \"name\" field is duplicated with value 'a'")]
    public void Chains_are_told_apart_by_their_names(string first, string second, string fault)
    {
        var yaml = BootstrapOf($"filter_chain_matcher: {{ on_no_match: {Chain("a")} }}", [Echo(first), Echo(second)]);
        Assert.Null(Server.Create(new ServerOptions { ConfigYaml = yaml, Concurrency = 1 }, out var findings));
        Assert.Contains(findings.Errors, finding => finding.Text == fault);
    }

    private static string Echo(string chain) => chain.Replace("ECHO", "{ name: e, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.network.echo.v3.Echo } }", StringComparison.Ordinal);

    private static string Chain(string name) => $"{{ action: {{ name: {name}, typed_config: {{ '@type': type.googleapis.com/google.protobuf.StringValue, value: {name} }} }} }}";
}
