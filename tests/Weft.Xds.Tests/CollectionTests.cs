using Envoy.Config.Endpoint.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf.WellKnownTypes;

namespace Weft.Xds.Tests;

/// <summary>Collections: every resource whose name differs from theirs in the last part only.</summary>
public sealed class CollectionTests
{
    private const string Type = "envoy.config.endpoint.v3.LbEndpoint";
    private const string One = $"xdstp://a/{Type}/web/one?z=1&y=2";

    private readonly DeltaPair _pair = new();

    public CollectionTests()
    {
        _pair.Client.Watch(ResourceType.LocalityEndpoints, $"xdstp://a/{Type}/web/*?y=2&z=1");
    }

    [Fact]
    public void What_is_in_it_comes_and_follows_the_server()
    {
        _pair.Serve(Endpoint(One), Endpoint("other"), Endpoint($"xdstp://a/{Type}/db/one?y=2&z=1"), Endpoint($"xdstp://a/{Type}/web/one"));
        _pair.Connect();
        _pair.Serve(Endpoint(One), Endpoint($"xdstp://a/{Type}/web/two?y=2&z=1"));
        _pair.Serve(Endpoint(One, weight: 7));
        Assert.Equal(
            [
                $"LEDS 1: xdstp://a/{Type}/web/one?y=2&z=1",
                $"LEDS 2: xdstp://a/{Type}/web/two?y=2&z=1",
                $"LEDS 3: xdstp://a/{Type}/web/one?y=2&z=1 -xdstp://a/{Type}/web/two?y=2&z=1",
            ],
            _pair.Received);
    }

    [Fact]
    public void Without_anything_in_it_it_is_said_to_be_gone()
    {
        _pair.Serve();
        _pair.Connect();
        Assert.Equal([$"LEDS 0: -xdstp://a/{Type}/web/*?y=2&z=1"], _pair.Received);
    }

    [Fact]
    public void Another_stream_begins_with_what_is_known_of_it_and_one_without_it_does_not()
    {
        _pair.Serve(Endpoint(One));
        _pair.Connect();
        _pair.Requests.Clear();
        _pair.Connect();
        Assert.Equal($"LEDS n [xdstp://a/{Type}/web/*?y=2&z=1] has [xdstp://a/{Type}/web/one?y=2&z=1]", _pair.Requests[0]);

        _pair.Client.Watch(ResourceType.LocalityEndpoints, "else");
        _pair.Client.Unwatch(ResourceType.LocalityEndpoints, $"xdstp://a/{Type}/web/*?y=2&z=1");
        _pair.Requests.Clear();
        _pair.Connect();
        Assert.Equal("LEDS n [else] has []", _pair.Requests[0]);
    }

    private static Resource Endpoint(string name, uint weight = 1) => new() { Name = name, Resource_ = Any.Pack(new LbEndpoint { LoadBalancingWeight = weight }) };
}
