using Weft.Proxy.Tests.TransportSockets.Tls;
using static Weft.Proxy.Tests.Listeners.TestListener;

namespace Weft.Proxy.Tests.NetworkFilters.Rbac;

/// <summary>The network filter, and principals of client certificates, by a server in this process.</summary>
public sealed class RbacFilterTests : IDisposable
{
    private readonly TlsFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_connection_that_may_not_pass_is_closed_at_its_first_data()
    {
        using var running = Run("", $"filters: [ {Rbac("rules: { action: DENY, policies: { local: { permissions: [ { any: true } ], principals: [ { direct_remote_ip: { address_prefix: 127.0.0.0, prefix_len: 8 } } ] } } }")}, {HttpFilter("one")} ]");
        Assert.Equal("", await Send(running, "GET / HTTP/1.1\r\nhost: a\r\n\r\n"));
        await ExpectStat(running, "tcp.rbac.denied", 1);
        await ExpectStat(running, "tcp.rbac.allowed", 0);
        Assert.Equal(0, await Stat(running, "http.one.downstream_rq_total"));
    }

    [Fact]
    public async Task In_the_shadow_it_is_counted_and_passes()
    {
        using var running = Run("", $"filters: [ {Rbac("shadow_rules: { action: ALLOW }, shadow_rules_stat_prefix: trial")}, {HttpFilter("one")} ]");
        Assert.Contains("x-chain: one", await Send(running, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"));
        await ExpectStat(running, "tcp.rbac.trial.shadow_denied", 1);
        await ExpectStat(running, "tcp.rbac.denied", 0);
    }

    [Theory]
    [InlineData("on_new_connection", "127.0.0.1", true)]
    [InlineData("on_downstream_tls_handshake", "127.0.0.1", true)]
    [InlineData("on_downstream_data", "127.0.0.1", true)]
    [InlineData("on_new_connection", "127.0.0.9", false)]
    public async Task A_client_is_known_by_what_filters_in_front_have_left(string when, string expected, bool passes)
    {
        using var running = Run("", $"filters: [ {Set(when, "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%")}, {Rbac(Who(expected))}, {HttpFilter("one")} ]");
        Assert.Equal(passes, (await Send(running, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")).Contains("x-chain: one", StringComparison.Ordinal));
        await ExpectStat(running, "tcp.rbac.allowed", passes ? 1 : 0);
        await ExpectStat(running, "tcp.rbac.denied", passes ? 0 : 1);
    }

    [Theory]
    [InlineData("ONE_TIME_ON_FIRST_BYTE", 1)]
    [InlineData("CONTINUOUS", 2)]
    public async Task Data_is_judged_once_or_always(string enforcement, int judged)
    {
        using var running = Run("", $"filters: [ {Rbac($"enforcement_type: {enforcement}, rules: {{ policies: {{ all: {{ permissions: [ {{ any: true }} ], principals: [ {{ any: true }} ] }} }} }}")}, {{ name: e, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.filters.network.echo.v3.Echo }} }} ]");
        // The bytes, then the end of the stream.
        Assert.Equal("hello", await Send(running, "hello", end: true));
        await ExpectStat(running, "tcp.rbac.allowed", judged);
    }

    [Theory]
    [InlineData("exact: 'spiffe://one.example/client'", true)]
    [InlineData("exact: client.example", true)]
    [InlineData("prefix: 'CN=client'", true)]
    [InlineData("exact: other.example", false)]
    [InlineData("exact: 'spiffe://two.example/client'", false)]
    public async Task A_client_is_known_by_the_names_in_its_certificate(string name, bool passes)
    {
        using var running = Run("", $"transport_socket: {_folder.Downstream("require_client_certificate: true", _folder.Trusted())}, filters: [ {Rbac($"rules: {{ policies: {{ p: {{ permissions: [ {{ any: true }} ], principals: [ {{ authenticated: {{ principal_name: {{ {name} }} }} }} ] }} }} }}")}, {HttpFilter("one")} ]");
        var answer = await _folder.Get(running.Listener(), "client");
        if (passes)
            Assert.Contains("x-chain: one", answer);
        else
            Assert.Null(answer);
    }

    [Theory]
    [InlineData("on_new_connection", false)]
    [InlineData("on_downstream_tls_handshake", true)]
    [InlineData("on_downstream_data", true)]
    public async Task What_a_handshake_says_is_left_when_it_is_done(string when, bool passes)
    {
        var validation = $"validation_context: {{ trusted_ca: {{ filename: {_folder["ca.pem"]} }} }}";
        using var running = Run("", $"transport_socket: {_folder.Downstream("require_client_certificate: true", validation)}, filters: [ {Set(when, "%DOWNSTREAM_PEER_URI_SAN%")}, {Rbac(Who("'spiffe://one.example/client'"))}, {HttpFilter("one")} ]");
        Assert.Equal(passes, await _folder.Get(running.Listener(), "client") is not null);
    }

    private static string Set(string when, string format) =>
        $"{{ name: s, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.filters.network.set_filter_state.v3.Config, {when}: [ "
        + $"{{ object_key: who, factory_key: envoy.string, format_string: {{ text_format_source: {{ inline_string: '{format}' }} }} }} ] }} }}";

    private static string Who(string expected) =>
        $"rules: {{ policies: {{ p: {{ permissions: [ {{ any: true }} ], principals: [ {{ filter_state: {{ key: who, string_match: {{ exact: {expected} }} }} }} ] }} }} }}";

    private static string Rbac(string config) =>
        $"{{ name: rbac, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC, stat_prefix: tcp, {config} }} }}";
}
