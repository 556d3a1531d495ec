using Weft.Net.Tests.Tls;
using static Weft.Proxy.Tests.TransportSockets.Tls.TlsServers;

namespace Weft.Proxy.Tests.TransportSockets.Tls;

/// <summary>TLS of clusters: which endpoints are spoken to over it, whom they must be, what is agreed with them.</summary>
public sealed class TlsUpstreamTests : IDisposable
{
    private readonly TlsFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Endpoints_choose_their_transport_socket_by_metadata()
    {
        using var tls = Run(_folder.Downstream());
        using var clear = Run(RawBuffer);
        var sockets = $"transport_socket_matches: [ {{ name: secure, match: {{ secure: true }}, transport_socket: {TlsFolder.Upstream(common: _folder.Trusted())} }} ]";
        using var running = RunProxy(sockets, (tls.Listener(), "metadata: { filter_metadata: { envoy.transport_socket_match: { secure: true } } }"), (clear.Listener(), ""));
        var answers = new List<string>();
        for (var i = 0; i < 4; i++)
            answers.Add(await Get(running));
        Assert.Equal(2, answers.Count(answer => answer.Contains("x-facts: http TLSv1.2", StringComparison.Ordinal)));
        Assert.Equal(2, answers.Count(answer => answer.Contains("x-facts: http\n", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_upstream_that_is_not_who_it_should_be_gets_no_request()
    {
        using var tls = Run(_folder.Downstream());
        var socket = $"transport_socket: {TlsFolder.Upstream(common: _folder.Trusted("match_typed_subject_alt_names: [ { san_type: DNS, matcher: { exact: other.example } } ]"))}";
        using var running = RunProxy(socket, (tls.Listener(), ""));
        var answer = await Get(running);
        Assert.StartsWith("503", answer);
        Assert.Contains("remote connection failure, transport failure reason: TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:verify cert failed: SAN matcher:TLS_error_end", answer);
        Assert.Contains("cluster.backend.ssl.fail_verify_san: 1\n", await running.Admin!.GetStringAsync("stats?filter=fail_verify_san"));
        Assert.Equal(0, await Stat(tls, "downstream_rq_total"));
    }

    [Theory]
    [InlineData(1, "503")]
    [InlineData(2, "200")]
    public async Task The_trusted_certificate_counts_in_the_depth_of_a_chain(int depth, string expected)
    {
        using var intermediate = new TestCertificates("Intermediate", issuer: _folder.Authority);
        _folder.IssueBelow(intermediate);
        using var target = Run(_folder.Downstream(certificate: "below"));
        using var running = RunProxy($"transport_socket: {TlsFolder.Upstream(common: _folder.Trusted($"max_verify_depth: {depth}"))}", (target.Listener(), ""));
        Assert.StartsWith(expected, await Get(running));
    }

    [Fact]
    public async Task What_the_host_trusts_is_not_what_a_test_has_made()
    {
        using var upstream = Run(_folder.Downstream());
        using var running = RunProxy($"transport_socket: {TlsFolder.Upstream("sni: server.example", "validation_context: { system_root_certs: {} }")}", (upstream.Listener(), ""));
        Assert.StartsWith("503", await Get(running));
        Assert.Contains("cluster.backend.ssl.fail_verify_error: 1\n", await running.Admin!.GetStringAsync("stats?filter=fail_verify_error"));
    }

    [Theory]
    [InlineData("alpn_protocols: [ 'h2,http/1.1' ]", "", "HTTP/2")]
    [InlineData("alpn_protocols: [ http/1.1 ]", "", "HTTP/1.1")]
    [InlineData("", "", "HTTP/1.1")]
    [InlineData("alpn_protocols: [ 'h2,http/1.1' ]", "alpn_protocols: [ http/1.1 ]", "HTTP/1.1")]
    public async Task An_upstream_decides_by_ALPN_what_it_is_spoken_to(string server, string client, string expected)
    {
        using var target = Run(_folder.Downstream(common: server));
        const string Options = "typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { \"@type\": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, auto_config: {} } }";
        using var running = RunProxy($"{Options}\n    transport_socket: {TlsFolder.Upstream(common: client)}", (target.Listener(), ""));
        Assert.Contains($"x-protocol: {expected}\n", await Get(running));
        Assert.Contains($"cluster.backend.upstream_cx_http{(expected == "HTTP/2" ? 2 : 1)}_total: 1\n", await running.Admin!.GetStringAsync("stats?filter=upstream_cx_http"));
    }

    [Theory]
    [InlineData("", true, "http")]
    [InlineData("scheme_header_transformation: { match_upstream: true },", true, "https")]
    [InlineData("scheme_header_transformation: { match_upstream: true },", false, "http")]
    [InlineData("scheme_header_transformation: { match_upstream: true, scheme_to_overwrite: http },", true, "http")]
    public async Task Upstreams_hear_the_scheme_of_their_own_connection_where_that_is_wanted(string manager, bool isSecure, string expected)
    {
        using var target = Run(isSecure ? _folder.Downstream(common: "alpn_protocols: [ 'h2,http/1.1' ]") : RawBuffer);
        var socket = isSecure ? $"transport_socket: {TlsFolder.Upstream(common: "alpn_protocols: [ h2 ]")}" : "";
        using var running = RunProxy($"http2_protocol_options: {{}}\n    {socket}", manager, (target.Listener(), ""));
        Assert.Contains($"x-scheme: {expected}\n", await Get(running));
    }

    [Theory]
    [InlineData("", 2)]
    [InlineData("max_session_keys: 0", 0)]
    public async Task Sessions_with_an_upstream_are_resumed_unless_none_are_kept(string more, int resumed)
    {
        using var target = Run(_folder.Downstream());
        using var running = RunProxy($"max_requests_per_connection: 1\n    transport_socket: {TlsFolder.Upstream(more)}", (target.Listener(), ""));
        for (var i = 0; i < 3; i++)
            Assert.StartsWith("200", await Get(running));
        var stats = await running.Admin!.GetStringAsync("stats?filter=backend.ssl");
        Assert.Contains("cluster.backend.ssl.handshake: 3\n", stats);
        Assert.Contains($"cluster.backend.ssl.session_reused: {resumed}\n", stats);
    }
}
