using System.Diagnostics;
using System.Net;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Net;
using Weft.Net.Tests;
using Weft.Xds.Server;
using Weft.XdsServer;

namespace Weft.Tests.XdsServer;

/// <summary>Clients that are connected and read nothing, or slowly: what the server keeps for them, and how long.</summary>
public sealed class SlowClientTests : IDisposable
{
    /// <summary>Several times what the buffers of both sockets take.</summary>
    private const int LargeBytes = 32 * 1024 * 1024;

    private const int LimitMs = 60_000;

    private static readonly Resource s_large = new()
    {
        Name = "large",
        Resource_ = Any.Pack(new Cluster { Name = "large", AltStatName = new string('x', LargeBytes) }),
    };

    private readonly ManualTime _time = new();
    private readonly EventLoop _loop;
    private readonly SnapshotCache _cache = new();
    private readonly DiscoveryServer _server;

    public SlowClientTests()
    {
        _loop = new EventLoop("management", _time);
        _server = new DiscoveryServer(_loop, NetAddress.FromIP(IPAddress.Loopback, 0), _cache) { StallLimitMs = LimitMs };
        _server.Start();
        Serve(1);
    }

    private long WaitingBytes => _server.Http2.Stats.PendingSendBytes.Value + _server.UnsentBytes.Value;

    public void Dispose()
    {
        _server.Dispose();
        _loop.Dispose();
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void For_a_client_that_never_reads_no_more_waits_than_one_response_however_much_changes(bool isDelta, bool opensWindows)
    {
        using var client = Ask(isDelta, opensWindows);
        for (var number = 2; number <= 3000; number++)
        {
            Serve(number);
            _loop.RunTurn(0);
        }

        Assert.InRange(WaitingBytes, 1, LargeBytes + 1024);
    }

    [Theory]
    [InlineData(false, "stream")]
    [InlineData(true, "connection")]
    public void A_client_that_never_reads_is_closed_after_a_while(bool opensWindows, string what)
    {
        using var client = Ask(isDelta: false, opensWindows);
        Advance(LimitMs / 2);
        Assert.Equal(0, _server.Stalled);
        Advance(LimitMs);
        Assert.Equal((1L, 0L), (_server.Stalled, WaitingBytes));

        // Nobody is told of changes any more, and the connection lives if it is not the reason.
        Serve(2);
        Assert.Equal(0, WaitingBytes);
        Assert.Equal(what == "stream", IsOpen(client));
        Advance(2 * LimitMs);
        Assert.Equal(1, _server.Stalled);
    }

    [Fact]
    public void A_client_that_reads_slowly_is_not_closed()
    {
        using var client = Ask(isDelta: false, opensWindows: true);
        for (var step = 0; step < 5; step++)
        {
            // So much that the system lets the server write more.
            client.Read(4 * 1024 * 1024, () => _loop.RunTurn(1));
            Advance(LimitMs * 2 / 3);
        }

        Assert.True(WaitingBytes > 0, "it has read everything");
        Assert.Equal(0, _server.Stalled);
    }

    [Fact]
    public void Requests_of_a_client_that_does_not_read_wait()
    {
        using var client = Ask(isDelta: false, opensWindows: false);
        var before = WaitingBytes;
        // Each would be answered with everything once more.
        for (var number = 0; number < 100; number++)
            client.Send(new DiscoveryRequest { TypeUrl = Xds.ResourceType.Clusters.TypeUrl, ResponseNonce = (number + 1).ToString(System.Globalization.CultureInfo.InvariantCulture), ResourceNames = { "large", $"other{number}" } });
        for (var turn = 0; turn < 100; turn++)
            _loop.RunTurn(1);
        Assert.Equal(before, WaitingBytes);
    }

    /// <summary>A client that has asked for all clusters, and for which as much waits as the server keeps.</summary>
    private UnreadingClient Ask(bool isDelta, bool opensWindows)
    {
        var client = new UnreadingClient(_server.Address, isDelta, opensWindows);
        var node = new Node { Id = "frozen" };
        client.Send(isDelta ? new DeltaDiscoveryRequest { Node = node, TypeUrl = Xds.ResourceType.Clusters.TypeUrl } : new DiscoveryRequest { Node = node, TypeUrl = Xds.ResourceType.Clusters.TypeUrl });
        var isStill = 0;
        var watch = Stopwatch.StartNew();
        for (var waiting = -1L; isStill < 20; waiting = WaitingBytes)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"{WaitingBytes} bytes wait");
            _loop.RunTurn(10);
            isStill = WaitingBytes > 0 && WaitingBytes == waiting ? isStill + 1 : 0;
        }

        return client;
    }

    private void Serve(int number) => _cache.Set(null, _cache.Default.With([s_large, new Cluster { Name = "small", ConnectTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(number)) }]));

    /// <summary>In steps, as a timer sees at most one turn at a time.</summary>
    private void Advance(int milliseconds)
    {
        for (var step = 0; step < 10; step++)
        {
            _time.AdvanceMs(milliseconds / 10);
            _loop.RunTurn(1);
        }
    }

    private bool IsOpen(UnreadingClient client)
    {
        try
        {
            client.Send(new DiscoveryRequest());
            _loop.RunTurn(1);
            client.Send(new DiscoveryRequest());
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
