using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Weft.Xds.Server;

namespace Weft.Xds.Tests;

/// <summary>State-of-the-world discovery, both ends against each other.</summary>
public sealed class SotwTests
{
    private readonly SotwPair _pair = new();

    [Fact]
    public void Everything_of_a_type_comes_and_is_acknowledged_once()
    {
        _pair.Serve(Pair.Cluster("b"), Pair.Cluster("a"));
        _pair.Client.Watch(ResourceType.Clusters, null);
        _pair.Connect();
        Assert.Equal(["CDS 1: a b"], _pair.Received);
        Assert.Equal(["CDS 1 accepted"], _pair.Heard);
        Assert.Equal(["CDS v n [] node", "CDS v1 n1 []"], _pair.Requests);
    }

    [Fact]
    public void A_change_is_pushed_and_what_did_not_change_is_not()
    {
        _pair.Serve(Pair.Cluster("a"), Pair.Endpoints("a"));
        _pair.Client.Watch(ResourceType.Clusters, null);
        _pair.Client.Watch(ResourceType.Endpoints, "a");
        _pair.Connect();
        _pair.Received.Clear();

        _pair.Serve(Pair.Cluster("a"), Pair.Endpoints("a", priority: 1));
        Assert.Equal(["EDS 2: a"], _pair.Received);
        _pair.Serve(Pair.Cluster("a"), Pair.Endpoints("a", priority: 1));
        Assert.Single(_pair.Received);
    }

    [Fact]
    public void A_refused_version_stays_behind_the_accepted_one_and_is_not_sent_again()
    {
        _pair.Serve(Pair.Cluster("a"));
        _pair.Client.Watch(ResourceType.Clusters, null);
        _pair.Connect();
        _pair.Requests.Clear();
        _pair.Refusal = "cluster b is broken";
        _pair.Serve(Pair.Cluster("a"), Pair.Cluster("b"));

        Assert.Equal(["CDS v1 n2 [] error"], _pair.Requests);
        Assert.Equal("CDS 2 refused: cluster b is broken", _pair.Heard[^1]);
        Assert.Equal(2, _pair.Received.Count);

        _pair.Serve(Pair.Cluster("a"));
        Assert.Equal("CDS 3: a", _pair.Received[^1]);
        Assert.Equal("CDS v3 n3 []", _pair.Requests[^1]);
    }

    [Fact]
    public void Names_that_are_added_are_asked_for_in_one_request()
    {
        _pair.Serve(Pair.Endpoints("a"), Pair.Endpoints("b"), Pair.Endpoints("c"));
        _pair.Client.Watch(ResourceType.Endpoints, "a");
        _pair.Connect();
        _pair.Requests.Clear();
        _pair.Client.Watch(ResourceType.Endpoints, "b");
        _pair.Client.Watch(ResourceType.Endpoints, "c");
        _pair.Client.Flush();
        Assert.Equal(["EDS v1 n1 [a b c]", "EDS v1 n2 [a b c]"], _pair.Requests);
        Assert.Equal("EDS 1: a b c", _pair.Received[^1]);

        _pair.Client.Unwatch(ResourceType.Endpoints, "c");
        _pair.Client.Flush();
        Assert.Equal("EDS v1 n2 [a b]", _pair.Requests[^1]);
        Assert.Equal(2, _pair.Received.Count);
    }

    [Fact]
    public void What_does_not_exist_yet_comes_when_it_does()
    {
        _pair.Client.Watch(ResourceType.Endpoints, "a");
        _pair.Connect();
        Assert.Empty(_pair.Received);
        _pair.Serve(Pair.Endpoints("b"));
        Assert.Empty(_pair.Received);
        _pair.Serve(Pair.Endpoints("a"), Pair.Endpoints("b"));
        Assert.Equal(["EDS 2: a"], _pair.Received);
    }

    [Fact]
    public void A_client_for_which_there_is_nothing_yet_waits()
    {
        _pair.Client.Watch(ResourceType.Clusters, null);
        _pair.Connect();
        Assert.Equal((0, "node waits"), (_pair.Received.Count, Assert.Single(_pair.Heard)));
        _pair.Serve();
        Assert.Equal(["CDS 0:"], _pair.Received);
    }

    [Fact]
    public void No_cluster_at_all_is_said()
    {
        _pair.Serve(Pair.Cluster("a"));
        _pair.Client.Watch(ResourceType.Clusters, null);
        _pair.Connect();
        _pair.Serve();
        Assert.Equal(["CDS 1: a", "CDS 2:"], _pair.Received);
    }

    [Fact]
    public void Another_stream_begins_with_the_accepted_version_and_without_a_nonce()
    {
        _pair.Serve(Pair.Cluster("a"), Pair.Endpoints("a"));
        _pair.Client.Watch(ResourceType.Clusters, null);
        _pair.Client.Watch(ResourceType.Endpoints, "a");
        _pair.Connect();
        _pair.Requests.Clear();
        _pair.Connect();
        Assert.Equal(["CDS v1 n [] node", "CDS v1 n1 []", "EDS v1 n [a]", "EDS v1 n2 [a]"], _pair.Requests);
    }

    [Fact]
    public void Types_are_pushed_in_the_order_that_leaves_no_gap()
    {
        _pair.Client.Watch(ResourceType.Listeners, null);
        _pair.Client.Watch(ResourceType.Endpoints, "a");
        _pair.Client.Watch(ResourceType.Clusters, null);
        _pair.Connect();
        _pair.Received.Clear();
        _pair.Serve(Pair.Listener("l"), Pair.Endpoints("a"), Pair.Cluster("a"));
        Assert.Equal(["CDS 1: a", "EDS 1: a", "LDS 1: l"], _pair.Received);
    }

    [Fact]
    public void An_answer_to_an_earlier_response_is_ignored()
    {
        var sent = new List<DiscoveryResponse>();
        var cache = new SnapshotCache();
        cache.Set(null, Snapshot.Empty.With([Pair.Cluster("a")]));
        var session = new SotwSession(cache, _pair, null, sent.Add);
        session.OnRequest(new DiscoveryRequest { Node = new Node { Id = "n" }, TypeUrl = ResourceType.Clusters.TypeUrl });
        session.OnRequest(Answer(sent[0]));
        cache.Set(null, cache.Default.With([Pair.Cluster("b")]));
        session.OnChanged();
        Assert.Equal(2, sent.Count);
        _pair.Heard.Clear();

        session.OnRequest(Answer(sent[0]));
        cache.Set(null, cache.Default.With([Pair.Cluster("c")]));
        session.OnChanged();

        Assert.Equal(2, sent.Count);
        Assert.Empty(_pair.Heard);
    }

    [Fact]
    public void A_client_that_does_not_answer_has_one_response_before_it_and_then_gets_the_newest()
    {
        var sent = new List<DiscoveryResponse>();
        var cache = new SnapshotCache();
        cache.Set(null, Snapshot.Empty.With([Pair.Cluster("a")]));
        var session = new SotwSession(cache, _pair, null, sent.Add);
        session.OnRequest(new DiscoveryRequest { Node = new Node { Id = "n" }, TypeUrl = ResourceType.Clusters.TypeUrl });
        for (var timeout = 2; timeout <= 5000; timeout++)
        {
            cache.Set(null, cache.Default.With([Pair.Cluster("a", timeout)]));
            session.OnChanged();
        }

        Assert.Equal("1", Assert.Single(sent).VersionInfo);
        Assert.Equal(ClientResourceState.Stale, Assert.Single(session.Resources()).State);
        session.OnRequest(Answer(sent[0]));
        Assert.Equal(["1", "5000"], sent.Select(static response => response.VersionInfo));
        Assert.Equal(5000, sent[1].Resources[0].Unpack<Envoy.Config.Cluster.V3.Cluster>().ConnectTimeout.Seconds);
        session.OnRequest(Answer(sent[1]));
        Assert.Equal(2, sent.Count);
    }

    [Fact]
    public void What_refers_to_a_type_whose_news_must_wait_waits_too_and_questions_do_not()
    {
        var sent = new List<DiscoveryResponse>();
        var cache = new SnapshotCache();
        cache.Set(null, Snapshot.Empty.With([Pair.Cluster("a"), Pair.Listener("l"), Pair.Endpoints("a")]));
        var session = new SotwSession(cache, _pair, null, sent.Add);
        session.OnRequest(new DiscoveryRequest { Node = new Node { Id = "n" }, TypeUrl = ResourceType.Clusters.TypeUrl });
        session.OnRequest(new DiscoveryRequest { TypeUrl = ResourceType.Listeners.TypeUrl });
        session.OnRequest(Answer(sent[1]));
        cache.Set(null, cache.Default.With([Pair.Cluster("a"), Pair.Cluster("b"), Pair.Listener("l"), Pair.Listener("m"), Pair.Endpoints("a")]));
        session.OnChanged();
        Assert.Equal(2, sent.Count);

        session.OnRequest(new DiscoveryRequest { TypeUrl = ResourceType.Endpoints.TypeUrl, ResourceNames = { "a" } });
        Assert.Equal(ResourceType.Endpoints.TypeUrl, sent[^1].TypeUrl);
        session.OnRequest(Answer(sent[0]));
        Assert.Equal([ResourceType.Clusters.TypeUrl, ResourceType.Listeners.TypeUrl], sent[^2..].Select(static response => response.TypeUrl));
    }

    [Fact]
    public void A_node_that_gets_a_view_of_its_own_gets_it_though_its_version_is_the_same()
    {
        _pair.Serve(Pair.Cluster("a"));
        _pair.Client.Watch(ResourceType.Clusters, null);
        _pair.Connect();
        _pair.Cache.Set("node", Snapshot.Empty.With([Pair.Cluster("own")]));
        Assert.Equal(["CDS 1: a", "CDS 1: own"], _pair.Received);
    }

    [Theory]
    [InlineData("", "", "a b")]
    [InlineData("*", "*", "a b")]
    [InlineData("", "a", "a")]
    [InlineData("a", "* a", "a b")]
    [InlineData("a", "", "")]
    public void Everything_is_asked_for_by_a_star_or_by_never_saying_a_name(string first, string next, string given)
    {
        var sent = new List<DiscoveryResponse>();
        var cache = new SnapshotCache();
        cache.Set(null, Snapshot.Empty.With([Pair.Cluster("a")]));
        var session = new SotwSession(cache, _pair, null, sent.Add);
        session.OnRequest(Ask(first));
        session.OnRequest(Ask(next));
        cache.Set(null, cache.Default.With([Pair.Cluster("a"), Pair.Cluster("b")]));
        session.OnChanged();
        Assert.Equal(given, string.Join(' ', sent[^1].Resources.Select(static body => body.Unpack<Envoy.Config.Cluster.V3.Cluster>().Name)));

        DiscoveryRequest Ask(string names) => new()
        {
            Node = new Node { Id = "n" },
            TypeUrl = ResourceType.Clusters.TypeUrl,
            ResponseNonce = sent.Count == 0 ? "" : sent[^1].Nonce,
            ResourceNames = { names.Split(' ', StringSplitOptions.RemoveEmptyEntries) },
        };
    }

    [Fact]
    public void A_stream_of_one_type_refuses_another()
    {
        var session = new SotwSession(new SnapshotCache(), _pair, ResourceType.Clusters, static _ => { });
        Assert.Null(session.OnRequest(new DiscoveryRequest { Node = new Node() }));
        Assert.NotNull(session.OnRequest(new DiscoveryRequest { TypeUrl = ResourceType.Listeners.TypeUrl }));
        Assert.NotNull(new SotwSession(new SnapshotCache(), _pair, null, static _ => { }).OnRequest(new DiscoveryRequest { TypeUrl = ResourceType.Clusters.TypeUrl }));
    }

    [Fact]
    public void Each_node_has_its_view()
    {
        var sent = new List<DiscoveryResponse>();
        var cache = new SnapshotCache(node => node.Cluster);
        cache.Set("red", Snapshot.Empty.With([Pair.Cluster("only-red")]));
        cache.Set(null, Snapshot.Empty.With([Pair.Cluster("a"), Pair.Cluster("b")]));
        foreach (var cluster in new[] { "red", "blue" })
            new SotwSession(cache, _pair, null, sent.Add).OnRequest(new DiscoveryRequest { Node = new Node { Cluster = cluster }, TypeUrl = ResourceType.Clusters.TypeUrl });
        Assert.Equal([1, 2], sent.Select(response => response.Resources.Count));
    }

    [Fact]
    public void The_last_name_that_is_taken_back_is_said_so_that_the_server_stops()
    {
        _pair.Serve(Pair.Endpoints("a"));
        _pair.Client.Watch(ResourceType.Endpoints, "a");
        _pair.Connect();
        _pair.Client.Unwatch(ResourceType.Endpoints, "a");
        _pair.Client.Flush();
        Assert.Equal("EDS v1 n1 []", _pair.Requests[^1]);
        _pair.Serve(Pair.Endpoints("a", priority: 1));
        Assert.Single(_pair.Received);
    }

    [Fact]
    public void Endpoints_of_a_changed_cluster_come_again_as_clients_wait_for_them()
    {
        _pair.ChangeOneCluster();
        Assert.Equal(["CDS 2: a", "EDS 1: a b"], _pair.Received);
        _pair.Received.Clear();
        _pair.Serve(Pair.EdsCluster("a", timeout: 2), Pair.EdsCluster("c"), Pair.Endpoints("a"), Pair.Endpoints("b"));
        Assert.Equal(["CDS 3: a c"], _pair.Received);
    }

    [Fact]
    public void How_a_client_stands_to_each_resource_is_known()
    {
        _pair.Serve(Pair.Cluster("a"));
        _pair.Client.Watch(ResourceType.Clusters, null);
        _pair.Client.Watch(ResourceType.Endpoints, "missing");
        _pair.Connect();
        Assert.Equal(["CDS a 1 Synced", "EDS missing  NotSent"], _pair.States);
        _pair.Refusal = "no";
        _pair.Serve(Pair.Cluster("a"), Pair.Cluster("b"));
        Assert.Equal(["CDS a 1 Error no", "CDS b 2 Error no", "EDS missing  NotSent"], _pair.States);
    }

    [Fact]
    public void A_response_that_was_on_its_way_says_nothing_of_a_name_that_was_asked_for_meanwhile()
    {
        var missing = new List<string>();
        Client.SotwClient? client = null;
        client = new Client.SotwClient(new Node(), nodeOnFirstOnly: true, static _ => { }, (type, response) =>
        {
            missing.Add(string.Join(' ', client!.Missing(type, response.VersionInfo, name => response.Resources.Any(body => body.Unpack<Envoy.Config.Cluster.V3.Cluster>().Name == name))));
            return null;
        });
        client.Watch(ResourceType.Clusters, "a");
        client.OnOpened();
        client.Watch(ResourceType.Clusters, "b");
        client.Flush();
        Respond("1", "a");
        Assert.Equal("", missing[^1]);
        // A change, told before the server has seen the second request: of a it says that it is gone.
        Respond("2");
        Assert.Equal("a", missing[^1]);
        Respond("2");
        Assert.Equal("a b", missing[^1]);

        void Respond(string version, params string[] names) => Assert.True(client.OnResponse(new DiscoveryResponse
        {
            TypeUrl = ResourceType.Clusters.TypeUrl,
            VersionInfo = version,
            Nonce = version,
            Resources = { names.Select(static name => Google.Protobuf.WellKnownTypes.Any.Pack(Pair.Cluster(name), "type.googleapis.com")) },
        }));
    }

    [Fact]
    public void A_response_that_nobody_wants_any_more_is_answered_so_that_the_server_goes_on()
    {
        var requests = new List<DiscoveryRequest>();
        var client = new Client.SotwClient(new Node(), nodeOnFirstOnly: true, requests.Add, static (_, _) => null);
        client.Watch(ResourceType.Endpoints, "a");
        client.OnOpened();
        client.Unwatch(ResourceType.Endpoints, "a");
        client.Flush();
        Assert.False(client.OnResponse(new DiscoveryResponse { TypeUrl = ResourceType.Endpoints.TypeUrl, VersionInfo = "1", Nonce = "n" }));
        Assert.Equal(("n", 0), (requests[^1].ResponseNonce, requests[^1].ResourceNames.Count));
    }

    private static DiscoveryRequest Answer(DiscoveryResponse response) => new() { TypeUrl = response.TypeUrl, ResponseNonce = response.Nonce, VersionInfo = response.VersionInfo };
}
