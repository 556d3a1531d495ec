using Weft.Proxy.Tests.Tracing;

namespace Weft.Proxy.Tests.Clusters;

public sealed class WorkerClustersTests
{
    [Fact]
    public async Task A_worker_makes_its_half_of_a_cluster_for_the_first_request_and_counts_it()
    {
        const string Name = "thread_local_cluster_manager.worker_0.clusters_inflated";
        using var proxy = new TracingProxy(null, "{ \"@type\": type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig }");
        Assert.Equal(0, await proxy.StatAsync(Name));
        await proxy.GetAsync("/");
        await proxy.GetAsync("/");
        await proxy.ExpectStatAsync(Name, 1);
    }
}
