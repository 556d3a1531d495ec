using System.Text;
using Weft.Base.Stats;
using Weft.Proxy.HttpFilters.GrpcStats;

namespace Weft.Proxy.Tests.HttpFilters.GrpcStats;

public sealed class GrpcMethodsTests : IDisposable
{
    private readonly TestLoop _loop = new();
    private readonly StatsStore _store = new();

    [Fact]
    public void Names_come_from_requests_so_that_their_number_is_limited_and_what_is_left_out_is_counted()
    {
        var methods = new GrpcMethods(_store, _loop.Loop, null, takesAll: true, replacesDots: false);
        var first = methods.Find("service/0"u8);
        Assert.NotNull(first);
        for (var i = 1; i < 1000; i++)
            Assert.NotNull(methods.Find(Encoding.UTF8.GetBytes($"service/{i}")));
        Assert.Equal(0, Dropped());
        Assert.Null(methods.Find("service/1000"u8));
        Assert.Null(methods.Find(Encoding.UTF8.GetBytes("service/" + new string('a', 300))));
        Assert.Same(first, methods.Find("service/0"u8));
        Assert.Equal(2, Dropped());
    }

    public void Dispose() => _loop.Dispose();

    private long Dropped()
    {
        var all = new List<Statistic>();
        _store.List(all);
        return all.Single(static statistic => statistic.Name == "grpc_stats.methods_dropped").Value;
    }
}
