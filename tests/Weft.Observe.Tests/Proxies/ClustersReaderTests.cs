using System.Globalization;
using System.Text;
using Weft.Observe.Proxies;

namespace Weft.Observe.Tests.Proxies;

public sealed class ClustersReaderTests
{
    [Fact]
    public void Endpoints_come_with_their_health_and_numbers()
    {
        var list = Read("""
            {"cluster_statuses":[{"name":"backend","added_via_api":true,"eds_service_name":"b","host_statuses":[
              {"address":{"socket_address":{"address":"10.0.0.1","port_value":80}},"stats":[{"name":"rq_total","value":"7"},{"name":"rq_error","value":"2"},{"name":"rq_active","type":"GAUGE","value":"1"},{"name":"cx_active"}],
               "health_status":{"eds_health_status":"HEALTHY"},"weight":3,"hostname":"one","locality":{"region":"eu","sub_zone":"r1"}},
              {"address":{"socket_address":{"address":"::1","port_value":81}},"health_status":{"eds_health_status":"DRAINING","failed_active_health_check":true,"failed_outlier_check":true},"priority":1},
              {"address":{"pipe":{"path":"/run/app.sock"}}}]}]}
            """);
        Assert.Equal((1, 3, 2), (list.Total, list.Endpoints, list.Healthy));
        var cluster = list.Clusters.Single();
        Assert.Equal(("backend", true, "b"), (cluster.Name, cluster.IsDynamic, cluster.EdsServiceName));
        Assert.Equal(
            [
                new EndpointHealth("[::1]:81", "", "eds_draining, failed_active_health_check, failed_outlier_check", 0, 0, 0, 0, 0, "", 1),
                new EndpointHealth("10.0.0.1:80", "one", "healthy", 7, 2, 1, 0, 3, "eu/r1", 0),
                new EndpointHealth("/run/app.sock", "", "healthy", 0, 0, 0, 0, 0, "", 0),
            ],
            cluster.Endpoints);
    }

    [Fact]
    public void Clusters_that_are_not_well_come_first()
    {
        var list = Read("""
            {"cluster_statuses":[{"name":"a"},{"name":"b","host_statuses":[{"health_status":{"failed_outlier_check":true}}]},{"name":"A"}]}
            """);
        Assert.Equal(["b", "A", "a"], list.Clusters.Select(cluster => cluster.Name));
    }

    [Fact]
    public void No_more_is_kept_than_there_is_room_for_and_all_is_counted()
    {
        var text = new StringBuilder("{\"cluster_statuses\":[");
        for (var i = 0; i < ClustersReader.MaxClusters + 5; i++)
            text.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? "" : ",")}{{\"name\":\"c{i}\",\"host_statuses\":[{string.Join(',', Enumerable.Repeat("{}", 6))}]}}");
        var list = Read(text.Append("]}").ToString());
        Assert.Equal((ClustersReader.MaxClusters + 5, (ClustersReader.MaxClusters + 5) * 6), (list.Total, list.Endpoints));
        Assert.Equal((ClustersReader.MaxClusters, ClustersReader.MaxEndpoints), (list.Clusters.Count, list.Clusters.Sum(cluster => cluster.Endpoints.Count)));
        Assert.Equal(6, list.Clusters[^1].Total);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"cluster_statuses":{}}""")]
    [InlineData("""{"cluster_statuses":[{"name":1}]}""")]
    [InlineData("""{"cluster_statuses":[1]}""")]
    [InlineData("""{"cluster_statuses":[{"host_statuses":[{"weight":"x"}]}]}""")]
    public void What_is_no_list_of_clusters_is_refused(string text) => Assert.Throws<BadInputException>(() => Read(text));

    private static ClusterList Read(string text) => ClustersReader.Read(Encoding.UTF8.GetBytes(text));
}
