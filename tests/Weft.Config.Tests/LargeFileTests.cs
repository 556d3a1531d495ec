using System.Text;
using Envoy.Config.Bootstrap.V3;

namespace Weft.Config.Tests;

public sealed class LargeFileTests
{
    [Fact]
    public void Five_thousand_clusters_load_and_keep_their_positions()
    {
        var text = new StringBuilder("static_resources:\n  clusters:\n");
        for (var i = 0; i < 5000; i++)
        {
            text.Append($$"""
                  - name: cluster_{{i}}
                    connect_timeout: 0.25s
                    type: STRICT_DNS
                    load_assignment: { cluster_name: cluster_{{i}}, endpoints: [ { lb_endpoints: [ { endpoint: { address: { socket_address: { address: host{{i}}, port_value: 80 } } } } ] } ] }

                """);
        }

        var context = new ConfigContext();
        var bootstrap = ConfigReader.ReadText<Bootstrap>(text.ToString(), "big.yaml", new ReadOptions(), context);
        Assert.Empty(context.Findings.All);
        Assert.Equal(5000, bootstrap.StaticResources.Clusters.Count);
        Assert.Equal(new SourcePosition("big.yaml", 2 + 4 * 4999 + 1, 5), context.Origins.PositionOf(bootstrap.StaticResources.Clusters[4999]));
        Assert.Equal("static_resources.clusters[4999].name", context.Origins.PathOf(bootstrap.StaticResources.Clusters[4999], "name"));
    }
}
