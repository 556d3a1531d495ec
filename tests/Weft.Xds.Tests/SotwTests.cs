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
        cache.Set(null, cache.Default.With([Pair.Cluster("b")]));
        session.OnChanged();
        Assert.Equal(2, sent.Count);

        session.OnRequest(new DiscoveryRequest { TypeUrl = ResourceType.Clusters.TypeUrl, ResponseNonce = sent[0].Nonce, VersionInfo = "1" });

        Assert.Equal(2, sent.Count);
        Assert.Empty(_pair.Heard);
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
}
