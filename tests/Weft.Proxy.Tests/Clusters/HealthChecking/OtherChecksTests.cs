using Weft.Proxy.Clusters;

namespace Weft.Proxy.Tests.Clusters.HealthChecking;

public sealed class OtherChecksTests
{
    private const string Redis = "custom_health_check: { name: envoy.health_checkers.redis, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.health_checkers.redis.v3.Redis ";

    [Fact]
    public void A_tcp_check_without_expectations_is_content_with_a_connection_and_closes_it()
    {
        using var test = new CheckedCluster("tcp_health_check: {}");
        var peer = test.Accept();
        test.UntilChecked(1);
        Assert.Equal(EndpointHealthFlags.None, test.Flags);
        peer.ExpectClosed();
        test.StopListening();
        test.Loop.AdvanceMs(10_000);
        test.UntilChecked(2);
        test.Loop.AdvanceMs(10_000);
        test.UntilChecked(3);
        Assert.Equal(EndpointHealthFlags.FailedActiveHc, test.Flags);
    }

    [Fact]
    public void A_tcp_check_sends_and_expects_bytes_over_one_connection()
    {
        using var test = new CheckedCluster("tcp_health_check: { send: { text: \"50494e47\" }, receive: [ { text: \"504f\" }, { text: \"4e47\" } ] }");
        var peer = test.Accept();
        peer.Read("PING");
        peer.Send("PO");
        test.Loop.Settle();
        Assert.Equal(0, test.Counter("success"));
        peer.Send("..NG");
        test.UntilChecked(1);
        Assert.Equal(EndpointHealthFlags.None, test.Flags);
        test.Loop.AdvanceMs(10_000);
        peer.Read("PING");
        peer.Send("NGPO");
        test.Loop.Settle();
        test.Loop.AdvanceMs(1_001);
        test.UntilChecked(2);
        Assert.Equal(1, test.Counter("network_failure"));
        peer.ExpectClosed();
    }

    [Fact]
    public void A_tcp_check_can_begin_with_a_proxy_protocol_header()
    {
        using var test = new CheckedCluster("tcp_health_check: { receive: [ { text: \"21\" } ], proxy_protocol_config: { version: V1 } }");
        Assert.Matches(@"^PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 \d+ " + test.Port() + "\r\n$", test.Accept().Read("\r\n"));
    }

    [Fact]
    public void Redis_is_asked_whether_it_lives()
    {
        using var test = new CheckedCluster(Redis + "} }");
        var peer = test.Accept();
        peer.Read("*1\r\n$4\r\nPING\r\n");
        peer.Send("+PO");
        test.Loop.Settle();
        peer.Send("NG\r\n");
        test.UntilChecked(1);
        Assert.Equal(EndpointHealthFlags.None, test.Flags);
        test.Loop.AdvanceMs(10_000);
        peer.Read("PING\r\n");
        peer.Send("-LOADING Redis is loading the dataset in memory\r\n");
        test.UntilChecked(2);
        Assert.Equal(EndpointHealthFlags.FailedActiveHc, test.Flags);
    }

    [Fact]
    public void A_redis_key_marks_a_server_that_is_to_be_left_alone()
    {
        using var test = new CheckedCluster(Redis + ", key: down } }");
        var peer = test.Accept();
        peer.Read("*2\r\n$6\r\nEXISTS\r\n$4\r\ndown\r\n");
        peer.Send(":0\r\n");
        test.UntilChecked(1);
        Assert.Equal(EndpointHealthFlags.None, test.Flags);
        test.Loop.AdvanceMs(10_000);
        peer.Read("down\r\n");
        peer.Send(":1\r\n");
        test.UntilChecked(2);
        Assert.Equal(EndpointHealthFlags.FailedActiveHc, test.Flags);
        Assert.Equal(1, test.Counter("redis.exists_failure"));
    }
}
