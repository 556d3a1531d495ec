using System.Diagnostics;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Weft.Proxy.Tests.Bootstrap;
using Weft.Proxy.Tests.Dns;
using Weft.Proxy.Dns;
using static Weft.Proxy.Tests.Listeners.TestListener;
using static Weft.Proxy.Tests.UdpFilters.UdpSite;

namespace Weft.Proxy.Tests.UdpFilters;

/// <summary>envoy.filters.udp.dns_filter, asked by dig where it is installed and by hand-made queries.</summary>
public sealed partial class DnsFilterTests
{
    private const string Table = """
        virtual_domains: [
          { name: www.one.test, endpoint: { address_list: { address: [ 10.0.0.1, 10.0.0.2, 'fd00::1' ] } }, answer_ttl: 60s },
          { name: '*.wild.test', endpoint: { address_list: { address: [ 10.0.1.1 ] } } },
          { name: deep.wild.test, endpoint: { address_list: { address: [ 10.0.1.2 ] } } },
          { name: cluster.one.test, endpoint: { cluster_name: backend } },
          { name: svc.test, endpoint: { service_list: { services: [
            { service_name: web, protocol: { name: tcp }, ttl: 90s, targets: [ { host_name: www.one.test, priority: 1, weight: 2, port: 8080 } ] },
            { service_name: back, protocol: { number: 17 }, ttl: 30s, targets: [ { cluster_name: backend, priority: 3, weight: 4 } ] } ] } } },
          { name: many.one.test, endpoint: { address_list: { address: [ MANY ] } } } ]
        """;

    [DigFact]
    public async Task Addresses_of_the_table_are_answered_with_their_time_to_live()
    {
        using var running = Run();
        Assert.Equal("10.0.0.1 10.0.0.2", await Short(running, "WWW.one.test", "A"));
        Assert.Equal("fd00::1", await Short(running, "www.one.test", "AAAA"));
        Assert.Contains("60\tIN\tA\t10.0.0.1", await Dig(running, "www.one.test", "A"));
        Assert.Contains("300\tIN\tA\t10.0.1.1", await Dig(running, "a.b.wild.test", "A"));
        Assert.Equal("10.0.1.2", await Short(running, "deep.wild.test", "A"));
        await ExpectStat(running, "dns_filter.test.a_record_queries", 4);
        await ExpectStat(running, "dns_filter.test.aaaa_record_queries", 1);
        await ExpectStat(running, "dns_filter.test.local_a_record_answers", 6);
        await ExpectStat(running, "dns_filter.test.local_aaaa_record_answers", 1);
        await ExpectStat(running, "dns_filter.test.known_domain_queries", 5);
    }

    [DigFact]
    public async Task Names_of_clusters_are_their_endpoints()
    {
        using var server = new UdpServer("x");
        using var running = Run(clusters: Cluster("backend", server));
        Assert.Equal("127.0.0.1", await Short(running, "cluster.one.test", "A"));
        Assert.Equal("127.0.0.1", await Short(running, "backend", "A"));
        Assert.Equal("", await Short(running, "cluster.one.test", "AAAA"));
        await ExpectStat(running, "dns_filter.test.cluster_a_record_answers", 2);
        var service = await Dig(running, "_back._udp.svc.test", "SRV");
        Assert.Contains($"30\tIN\tSRV\t3 4 {server.Port} backend.", service);
        Assert.Contains("backend.\t\t30\tIN\tA\t127.0.0.1", service);
        await ExpectStat(running, "dns_filter.test.cluster_srv_record_answers", 1);
    }

    [DigFact]
    public async Task A_service_comes_with_the_addresses_of_its_hosts()
    {
        using var running = Run();
        var answer = await Dig(running, "_web._tcp.svc.test", "SRV");
        Assert.Contains("90\tIN\tSRV\t1 2 8080 www.one.test.", answer);
        Assert.Contains("www.one.test.\t\t60\tIN\tA\t10.0.0.1", answer);
        Assert.Contains("www.one.test.\t\t60\tIN\tAAAA\tfd00::1", answer);
    }

    [DigFact]
    public async Task Eight_records_are_answered_at_most()
    {
        using var running = Run();
        Assert.Equal(8, (await Short(running, "many.one.test", "A")).Split(' ').Length);
    }

    [DigFact]
    public async Task What_is_not_known_is_said_to_be_so()
    {
        using var running = Run();
        Assert.Contains("status: NXDOMAIN", await Dig(running, "nobody.one.test", "A"));
        Assert.Contains("status: NXDOMAIN", await Dig(running, "elsewhere.example", "A"));
        Assert.Contains("status: NOTIMP", await Dig(running, "www.one.test", "MX"));
        await ExpectStat(running, "dns_filter.test.unanswered_queries", 3);
        await ExpectStat(running, "dns_filter.test.unsupported_queries", 1);
        Assert.Contains("flags: qr rd; QUERY: 1", await Dig(running, "www.one.test", "A"));
    }

    [DigFact]
    public async Task Other_names_are_asked_for_elsewhere()
    {
        using var authority = Run();
        var client = $"client_config: {{ max_pending_lookups: 10, resolver_timeout: 5s, typed_dns_resolver_config: {{ name: c, typed_config: {{ '@type': type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig, dns_resolver_options: {{ no_default_search_domain: true }}, resolvers: [ {{ socket_address: {{ address: 127.0.0.1, port_value: {authority.Listener().Port} }} }} ] }} }} }}";
        using var running = Run("virtual_domains: [ { name: mine.local.test, endpoint: { address_list: { address: [ 10.9.9.9 ] } } } ]", client);
        Assert.Equal("10.9.9.9", await Short(running, "mine.local.test", "A"));
        Assert.Equal("10.0.0.1 10.0.0.2", await Short(running, "www.one.test", "A"));
        Assert.Equal("fd00::1", await Short(running, "www.one.test", "AAAA"));
        Assert.Contains("status: NXDOMAIN", await Dig(running, "nobody.one.test", "A"));
        Assert.Contains("flags: qr rd ra", await Dig(running, "mine.local.test", "A"));
        await ExpectStat(running, "dns_filter.test.externally_resolved_queries", 3);
        await ExpectStat(running, "dns_filter.test.external_a_record_answers", 2);
    }

    [Fact]
    public async Task A_table_in_a_file_is_read_when_the_listener_is_made()
    {
        var file = Path.ChangeExtension(Path.GetTempFileName(), ".yaml");
        await File.WriteAllTextAsync(file, "virtual_domains:\n- name: www.file.test\n  endpoint: { address_list: { address: [ 10.7.7.7 ] } }\n");
        using var running = UdpSite.Run($"dns_filter.v3.DnsFilterConfig, stat_prefix: test, server_config: {{ external_dns_table: {{ filename: {file} }} }}");
        var answer = await Ask(running, new DnsMessageBuilder(7, 0x0100).Question("www.file.test", DnsRecordType.A).Bytes);
        File.Delete(file);
        Assert.Equal([0, 7, 0x81, 0, 0, 1, 0, 1, 0, 0, 0, 0], answer[..12]);
        Assert.Equal([10, 7, 7, 7], answer[^4..]);
    }

    [Theory]
    [InlineData("0001", "query_buffer_underflow")]
    [InlineData("000181000001000000000000", "queries_with_ans_or_authority_rrs")]
    [InlineData("000101000001000100000000", "queries_with_ans_or_authority_rrs")]
    [InlineData("00010100000100000000000003777777", "query_parsing_failure")]
    [InlineData("0001010000010000000000000000010001", "query_parsing_failure")]
    [InlineData("000101000001000000000000c00c00010001", "query_parsing_failure")]
    [InlineData("00010100000100000000000003777777000001ff01", "query_parsing_failure")]
    [InlineData("000101000002000000000000", "downstream_rx_invalid_queries")]
    public async Task A_broken_query_is_answered_with_a_format_error(string query, string counter)
    {
        using var running = Run();
        var answer = await Ask(running, Convert.FromHexString(query));
        Assert.Equal((12, 1), (answer.Length, answer[3] & 15));
        Assert.True((answer[2] & 0x80) != 0);
        await ExpectStat(running, "dns_filter.test." + counter, 1);
        await ExpectStat(running, "dns_filter.test.downstream_rx_invalid_queries", 1);
    }

    private static RunningServer Run(string table = Table, string client = "", string clusters = "")
    {
        table = table.ReplaceLineEndings(" ").Replace("MANY", string.Join(", ", Enumerable.Range(1, 20).Select(i => $"10.0.2.{i}")), StringComparison.Ordinal);
        return UdpSite.Run($"dns_filter.v3.DnsFilterConfig, stat_prefix: test, server_config: {{ inline_dns_table: {{ {table} }} }}{(client.Length > 0 ? ", " + client : "")}", clusters);
    }

    private static async Task<byte[]> Ask(RunningServer running, byte[] query)
    {
        using var client = Client(running);
        await client.SendAsync(query);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        return (await client.ReceiveAsync(limit.Token)).Buffer;
    }

    /// <summary>The data of all answers, in order.</summary>
    private static async Task<string> Short(RunningServer running, string name, string type) =>
        string.Join(' ', (await Dig(running, name, type, "+short")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));

    private static async Task<string> Dig(RunningServer running, string name, string type, params string[] more)
    {
        string[] arguments = ["@127.0.0.1", "-p", running.Listener().Port.ToString(System.Globalization.CultureInfo.InvariantCulture), name, type, "+tries=1", "+time=20", "+noedns", "+nocookie", .. more];
        using var process = Process.Start(new ProcessStartInfo(DigFactAttribute.Program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return Columns().Replace(output, "\t\t");
    }

    [GeneratedRegex("\t{2,}")]
    private static partial Regex Columns();
}

/// <summary>A test that asks with dig: skipped, saying so, where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DigFactAttribute : FactAttribute
{
    public const string Program = "/usr/bin/dig";

    public DigFactAttribute() => Skip = File.Exists(Program) ? null : "needs the command dig (apt-get install bind9-dnsutils)";
}
