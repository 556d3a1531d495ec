using System.Text.Json;
using Weft.Net;
using Weft.Proxy.Clusters;
using Weft.Proxy.Tests.Clusters;

namespace Weft.Proxy.Tests.Admin;

public class ClustersEndpointTests
{
    private readonly TestAdmin _admin = new();

    [Fact]
    public void Every_line_of_a_cluster_is_Envoys()
    {
        Add();
        Assert.Equal(
            """
            web::observability_name::web_stats
            web::default_priority::max_connections::7
            web::default_priority::max_pending_requests::1024
            web::default_priority::max_requests::1024
            web::default_priority::max_retries::3
            web::high_priority::max_connections::1024
            web::high_priority::max_pending_requests::1024
            web::high_priority::max_requests::1024
            web::high_priority::max_retries::3
            web::added_via_api::false
            web::172.31.2.11:8080::cx_active::0
            web::172.31.2.11:8080::cx_connect_fail::0
            web::172.31.2.11:8080::cx_total::2
            web::172.31.2.11:8080::rq_active::1
            web::172.31.2.11:8080::rq_error::0
            web::172.31.2.11:8080::rq_success::0
            web::172.31.2.11:8080::rq_timeout::0
            web::172.31.2.11:8080::rq_total::0
            web::172.31.2.11:8080::hostname::web01
            web::172.31.2.11:8080::health_flags::/failed_eds_health
            web::172.31.2.11:8080::weight::3
            web::172.31.2.11:8080::region::eu
            web::172.31.2.11:8080::zone::a
            web::172.31.2.11:8080::sub_zone::
            web::172.31.2.11:8080::canary::true
            web::172.31.2.11:8080::priority::0
            web::172.31.2.11:8080::success_rate::-1
            web::172.31.2.11:8080::local_origin_success_rate::-1

            """,
            _admin.Get("/clusters"));
    }

    [Fact]
    public void The_JSON_form_leaves_out_what_has_its_default()
    {
        Add();
        var cluster = JsonDocument.Parse(_admin.Get("/clusters?format=json")).RootElement.GetProperty("cluster_statuses")[0];
        Assert.Equal("web", cluster.GetProperty("name").GetString());
        Assert.False(cluster.TryGetProperty("added_via_api", out _));
        var limits = cluster.GetProperty("circuit_breakers").GetProperty("thresholds");
        Assert.Equal(7, limits[0].GetProperty("max_connections").GetInt32());
        Assert.False(limits[0].TryGetProperty("priority", out _));
        Assert.Equal("HIGH", limits[1].GetProperty("priority").GetString());
        var host = cluster.GetProperty("host_statuses")[0];
        Assert.Equal("172.31.2.11", host.GetProperty("address").GetProperty("socket_address").GetProperty("address").GetString());
        Assert.Equal("UNHEALTHY", host.GetProperty("health_status").GetProperty("eds_health_status").GetString());
        Assert.Equal("""{"name":"cx_connect_fail"}""", Compact(host.GetProperty("stats")[0]));
        Assert.Equal("""{"value":"2","name":"cx_total"}""", Compact(host.GetProperty("stats")[1]));
        Assert.Equal("""{"type":"GAUGE","name":"cx_active"}""", Compact(host.GetProperty("stats")[6]));
        Assert.Equal("eu", host.GetProperty("locality").GetProperty("region").GetString());
    }

    [Fact]
    public void Without_clusters_there_is_nothing_to_tell()
    {
        Assert.Equal("", _admin.Get("/clusters"));
        Assert.Equal("{}\n", _admin.Get("/clusters?format=json"));
    }

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element);

    private void Add()
    {
        Assert.True(NetAddress.TryParseIP("172.31.2.11", 8080, out var address));
        var metadata = new Envoy.Config.Core.V3.Metadata();
        metadata.FilterMetadata.Add("envoy.lb", new() { Fields = { ["canary"] = Google.Protobuf.WellKnownTypes.Value.ForBool(true) } });
        var stats = EndpointStats.Create(_admin.Stats);
        stats.CxTotal.Add(2);
        var endpoint = new Endpoint
        {
            Address = address,
            AddressText = address.ToString(),
            Hostname = "web01",
            Weight = 3,
            Region = "eu",
            Zone = "a",
            Metadata = metadata,
            HealthFlags = EndpointHealthFlags.FailedEdsHealth,
            Stats = stats,
        };
        endpoint.ActiveRequests = 1;
        _admin.AddCluster("{ name: web, alt_stat_name: web_stats, circuit_breakers: { thresholds: [{ max_connections: 7 }] } }", endpoint);
    }
}
