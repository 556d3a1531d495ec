namespace Weft.Xds.Tests;

/// <summary>Incremental discovery, both ends against each other.</summary>
public sealed class DeltaTests
{
    private readonly DeltaPair _pair = new();

    [Fact]
    public void Only_what_changed_comes_again()
    {
        _pair.Serve(Pair.Cluster("a"), Pair.Cluster("b"));
        _pair.Client.Watch(ResourceType.Clusters, null);
        _pair.Connect();
        _pair.Serve(Pair.Cluster("a"), Pair.Cluster("b", timeout: 2));
        _pair.Serve(Pair.Cluster("a"));
        Assert.Equal(["CDS 1: a b", "CDS 2: b", "CDS 3: -b"], _pair.Received);
        Assert.Equal(["CDS 1 accepted", "CDS 2 accepted", "CDS 3 accepted"], _pair.Heard);
        Assert.Equal(["CDS n [] has []", "CDS n1 [] has []", "CDS n2 [] has []", "CDS n3 [] has []"], _pair.Requests);
    }

    [Fact]
    public void Another_stream_tells_what_is_known_so_that_only_the_rest_comes()
    {
        _pair.Serve(Pair.Cluster("a"), Pair.Endpoints("a"), Pair.Endpoints("b"));
        _pair.Client.Watch(ResourceType.Endpoints, "a");
        _pair.Client.Watch(ResourceType.Endpoints, "b");
        _pair.Client.Watch(ResourceType.Clusters, null);
        _pair.Connect();
        _pair.Received.Clear();
        _pair.Requests.Clear();
        _pair.Serve(Pair.Cluster("c"), Pair.Endpoints("a"), Pair.Endpoints("b", priority: 1));
        _pair.Received.Clear();
        _pair.Requests.Clear();

        _pair.Connect();

        Assert.Equal("EDS n [a b] has [a b]", _pair.Requests[0]);
        Assert.Contains("CDS n [] has [c]", _pair.Requests);
        Assert.Contains("CDS 2:", _pair.Received);
    }

    [Fact]
    public void A_refused_resource_is_not_known()
    {
        _pair.Serve(Pair.Cluster("a"));
        _pair.Client.Watch(ResourceType.Clusters, null);
        _pair.Connect();
        _pair.Refusal = "no";
        _pair.Serve(Pair.Cluster("a"), Pair.Cluster("b"));
        Assert.Equal("CDS 2 refused: no", _pair.Heard[^1]);
        _pair.Connect();
        Assert.Equal("CDS 2: b", _pair.Received[^1]);
    }

    [Fact]
    public void What_does_not_exist_is_said_to_be_gone_and_comes_when_it_exists()
    {
        _pair.Client.Watch(ResourceType.Endpoints, "a");
        _pair.Serve();
        _pair.Connect();
        Assert.Equal(["EDS 0: -a"], _pair.Received);
        _pair.Serve(Pair.Endpoints("a"));
        Assert.Equal("EDS 1: a", _pair.Received[^1]);
    }

    [Fact]
    public void Subscriptions_are_added_and_taken_back()
    {
        _pair.Serve(Pair.Endpoints("a"), Pair.Endpoints("b"));
        _pair.Client.Watch(ResourceType.Endpoints, "a");
        _pair.Connect();
        _pair.Client.Watch(ResourceType.Endpoints, "b");
        _pair.Client.Unwatch(ResourceType.Endpoints, "a");
        _pair.Client.Flush();
        Assert.Equal("EDS n [b -a] has []", _pair.Requests[2]);
        Assert.Equal("EDS 1: b", _pair.Received[^1]);
        _pair.Serve(Pair.Endpoints("a", priority: 2), Pair.Endpoints("b"));
        Assert.Equal(2, _pair.Received.Count);
    }

    [Fact]
    public void Nothing_of_a_type_is_said_too()
    {
        _pair.Client.Watch(ResourceType.Listeners, null);
        _pair.Serve();
        _pair.Connect();
        Assert.Equal(["LDS 0:"], _pair.Received);
    }

    [Fact]
    public void A_client_for_which_there_is_nothing_yet_waits()
    {
        _pair.Client.Watch(ResourceType.Clusters, null);
        _pair.Client.Watch(ResourceType.Endpoints, "a");
        _pair.Connect();
        Assert.Equal((0, "node waits"), (_pair.Received.Count, Assert.Single(_pair.Heard)));
        _pair.Serve();
        Assert.Equal(["CDS 0:", "EDS 0: -a"], _pair.Received);
    }

    [Fact]
    public void What_another_server_gave_under_any_version_is_compared_by_content()
    {
        var sent = new List<Envoy.Service.Discovery.V3.DeltaDiscoveryResponse>();
        string? Ask(string? known, int timeout)
        {
            var cache = new Server.SnapshotCache();
            cache.Set(null, Server.Snapshot.Empty.With([Pair.Cluster("a", timeout)]));
            var request = new Envoy.Service.Discovery.V3.DeltaDiscoveryRequest { Node = new() { Id = "node" }, TypeUrl = ResourceType.Clusters.TypeUrl };
            if (known is not null)
                request.InitialResourceVersions["a"] = known;
            Assert.Null(new Server.DeltaSession(cache, _pair, null, sent.Add).OnRequest(request));
            return sent[^1].Resources.SingleOrDefault()?.Version;
        }

        var first = Ask(known: null, timeout: 1);
        Assert.NotEqual(first, Ask(known: first, timeout: 2));
        Assert.Null(Ask(known: first, timeout: 1));
        Assert.All(first!, static letter => Assert.True(char.IsAsciiDigit(letter)));
    }

    [Fact]
    public void Endpoints_of_a_changed_cluster_come_again_as_clients_wait_for_them()
    {
        _pair.ChangeOneCluster();
        Assert.Equal(["CDS 2: a", "EDS 1: a"], _pair.Received);
    }

    [Fact]
    public void How_a_client_stands_to_each_resource_is_known()
    {
        _pair.Serve(Pair.Cluster("a"));
        _pair.Client.Watch(ResourceType.Clusters, null);
        _pair.Client.Watch(ResourceType.Endpoints, "missing");
        _pair.Connect();
        _pair.Refusal = "no";
        _pair.Serve(Pair.Cluster("a"), Pair.Cluster("b"));
        Assert.Equal(["CDS a 1 Synced", "CDS b 2 Error no", "EDS missing  NotSent"], _pair.States);
        _pair.Serve(Pair.Cluster("a"), Pair.Cluster("b", timeout: 3));
        Assert.Contains("CDS b 3 Synced", _pair.States);
    }

    [Fact]
    public void Each_node_has_its_view()
    {
        _pair.Serve(Pair.Cluster("a"), Pair.Cluster("b"));
        _pair.Cache.Set("node", Server.Snapshot.Empty.With([Pair.Cluster("own")]));
        _pair.Client.Watch(ResourceType.Clusters, null);
        _pair.Connect();
        Assert.Equal(["CDS 1: own"], _pair.Received);
    }

    [Fact]
    public void A_client_that_does_not_answer_has_one_response_before_it_and_then_gets_what_differs_from_that()
    {
        var sent = new List<Envoy.Service.Discovery.V3.DeltaDiscoveryResponse>();
        var cache = new Server.SnapshotCache();
        cache.Set(null, Server.Snapshot.Empty.With([Pair.Cluster("a"), Pair.Cluster("same")]));
        var session = new Server.DeltaSession(cache, _pair, null, sent.Add);
        session.OnRequest(new() { Node = new() { Id = "n" }, TypeUrl = ResourceType.Clusters.TypeUrl });
        for (var number = 2; number <= 5000; number++)
        {
            cache.Set(null, cache.Default.With([Pair.Cluster("b", number), Pair.Cluster("same"), Pair.Cluster($"of{number}")]));
            session.OnChanged();
        }

        Assert.Single(sent);
        // Asked for meanwhile: answered with the rest.
        session.OnRequest(new() { TypeUrl = ResourceType.Clusters.TypeUrl, ResourceNamesSubscribe = { "missing" } });
        Assert.Single(sent);
        session.OnRequest(new() { TypeUrl = ResourceType.Clusters.TypeUrl, ResponseNonce = sent[0].Nonce });
        Assert.Equal(["b", "of5000"], sent[1].Resources.Select(static resource => resource.Name));
        Assert.Equal(["a", "missing"], sent[1].RemovedResources.Order(StringComparer.Ordinal));
        session.OnRequest(new() { TypeUrl = ResourceType.Clusters.TypeUrl, ResponseNonce = sent[1].Nonce });
        Assert.Equal(2, sent.Count);
    }
}
