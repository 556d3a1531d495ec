using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.OutlierDetection;

namespace Weft.Proxy.Tests.Clusters.OutlierDetection;

/// <summary>A static cluster with outlier detection on a loop whose clock the test moves; reports are the test's.</summary>
internal sealed class WatchedCluster : IDisposable
{
    /// <param name="detection">Fields of outlier_detection, YAML flow style; the interval is 10 s.</param>
    public WatchedCluster(string detection, int endpoints = 3, string runtime = "", string log = "")
    {
        Test = new TestClusters(Loop.Loop, runtime: runtime, outlierLog: log);
        var addresses = string.Join(", ", Enumerable.Range(1, endpoints).Select(i => $"{{ endpoint: {{ address: {{ socket_address: {{ address: 10.0.0.{i}, port_value: 80 }} }} }} }}"));
        var config = Test.Compile($"""
            name: web
            outlier_detection: {detection}
            load_assignment: {"{"} cluster_name: web, endpoints: [ {"{"} lb_endpoints: [ {addresses} ] {"}"} ] {"}"}
            """);
        Assert.Empty(Test.Faults);
        Cluster = Loop.Own(Cluster.Create(config, Test.Context));
        Cluster.Start(() => { });
    }

    public TestLoop Loop { get; } = new();

    public TestClusters Test { get; }

    public Cluster Cluster { get; }

    /// <summary>Endpoints that load balancers may use.</summary>
    public int Healthy => Cluster.Endpoints.Priorities[0].Healthy.Length;

    public Endpoint Endpoint(int index) => Cluster.Endpoints.Priorities[0].All[index];

    public OutlierMonitor Monitor(int index) => Endpoint(index).OutlierMonitor!;

    public bool IsOut(int index) => Endpoint(index).HealthFlags == EndpointHealthFlags.FailedOutlierCheck;

    public long Counter(string name) => Test.Counter("web", "outlier_detection.ejections_" + name);

    public long Active => Test.Gauge("web", "outlier_detection.ejections_active");

    /// <summary>An endpoint answers so often in one way; then the main thread has its turn.</summary>
    public void Put(int index, int status, int times)
    {
        for (var i = 0; i < times; i++)
            Monitor(index).PutStatus(status);
        Loop.Settle();
    }

    /// <summary>Time passes in which nothing is reported.</summary>
    public void Advance(int seconds)
    {
        Loop.AdvanceMs(seconds * 1000L);
        Loop.Settle();
    }

    public void Dispose() => Loop.Dispose();
}
