using Envoy.Service.Status.V3;
using Envoy.Type.Matcher.V3;
using Weft.XdsServer;

namespace Weft.Tests.XdsServer;

/// <summary>CSDS: what the management server knows of its clients.</summary>
public sealed class ClientStatusTests : IDisposable
{
    private const string Bootstrap = """
        dynamic_resources:
          ads_config: { api_type: GRPC, transport_api_version: V3, grpc_services: [{ envoy_grpc: { cluster_name: management } }] }
          cds_config: { ads: {} }
        static_resources:
          clusters:
        """;

    private readonly ManagedProxy _proxy = new();

    public void Dispose() => _proxy.Dispose();

    [Fact]
    public async Task What_a_client_has_accepted_refused_and_lacks_is_told()
    {
        _proxy.Serve(Cluster("good"));
        await _proxy.Start(Bootstrap);
        await ManagedProxy.Until(async () => (await Table()).Contains("me    CDS   1       0      0         0", StringComparison.Ordinal), "the acceptance");

        _proxy.Serve(Cluster("good") + Cluster("missing", "type: EDS, eds_cluster_config: { eds_config: { ads: {} } }"));
        await ManagedProxy.Until(async () => (await Table()).Contains("me    EDS   0       0      1         0", StringComparison.Ordinal), "the missing endpoints");

        _proxy.Serve(Cluster("good") + Cluster("bad", "type: EDS"));
        await ManagedProxy.Until(async () => (await Table()).Contains("me refuses CDS: ", StringComparison.Ordinal), "the refusal");
        var client = Assert.Single((await Ask(new ClientStatusRequest())).Config);
        Assert.Equal(("me", "here"), (client.Node.Id, client.Node.Locality.Zone));
        Assert.All(client.GenericXdsConfigs.Where(static one => one.TypeUrl.EndsWith("Cluster", StringComparison.Ordinal)), static one =>
        {
            Assert.Equal(ConfigStatus.Error, one.ConfigStatus);
            Assert.Contains("cannot create an EDS cluster without an EDS config", one.ErrorState.Details, StringComparison.Ordinal);
            Assert.NotNull(one.XdsConfig);
        });
    }

    [Fact]
    public async Task A_question_may_be_about_some_clients_and_without_contents()
    {
        _proxy.Serve(Cluster("good"));
        await _proxy.Start(Bootstrap);
        Assert.Empty((await Ask(Of(new StringMatcher { Exact = "other" }))).Config);
        var request = Of(new StringMatcher { Prefix = "M", IgnoreCase = true });
        request.ExcludeResourceContents = true;
        Assert.Null(Assert.Single(Assert.Single((await Ask(request)).Config).GenericXdsConfigs).XdsConfig);
        await Assert.ThrowsAsync<HttpRequestException>(() => Ask(Of(new StringMatcher { SafeRegex = new RegexMatcher { Regex = "(" } })));
    }

    [Theory]
    [InlineData("m.*", "here", true)]
    [InlineData("m", "here", false)]
    [InlineData("m.*", "there", false)]
    public async Task Clients_are_found_by_expressions_and_metadata(string id, string rack, bool isFound)
    {
        _proxy.Serve(Cluster("good"));
        await _proxy.Start(Bootstrap);
        var request = Of(new StringMatcher { SafeRegex = new RegexMatcher { Regex = id } });
        request.NodeMatchers[0].NodeMetadatas.Add(new StructMatcher
        {
            Path = { new StructMatcher.Types.PathSegment { Key = "place" }, new StructMatcher.Types.PathSegment { Key = "rack" } },
            Value = new ValueMatcher { StringMatch = new StringMatcher { Exact = rack } },
        });
        Assert.Equal(isFound, (await Ask(request)).Config.Count == 1);
    }

    [Theory]
    [InlineData("GRPC")]
    [InlineData("DELTA_GRPC")]
    public async Task What_a_client_does_not_need_any_more_it_does_not_ask_for(string apiType)
    {
        const string Endpoints = "- { \"@type\": type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment, cluster_name: web }\n";
        _proxy.Serve(Cluster("web", "type: EDS, eds_cluster_config: { eds_config: { ads: {} } }") + Endpoints);
        await _proxy.Start(Bootstrap.Replace("api_type: GRPC", "api_type: " + apiType, StringComparison.Ordinal));
        await ManagedProxy.Until(async () => (await Table()).Contains("me    EDS   1", StringComparison.Ordinal), "the endpoints");
        _proxy.Serve(Endpoints);
        await ManagedProxy.Until(async () => !(await Table()).Contains("EDS", StringComparison.Ordinal), "their end");
        await ManagedProxy.Until(async () => await _proxy.Stat("cluster.web.update_success") == -1, "the end of its statistics");
    }

    private static ClientStatusRequest Of(StringMatcher id) => new() { NodeMatchers = { new NodeMatcher { NodeId = id } } };

    private static string Cluster(string name, string more = "") => $$"""
        - { "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster, name: {{name}}, {{more}} }

        """;

    private Task<ClientStatusResponse> Ask(ClientStatusRequest request) => ClientStatusQuery.Ask(_proxy.Discovery.Address.ToString(), request);

    private async Task<string> Table()
    {
        using var text = new StringWriter();
        ClientStatusTable.Write(await Ask(new ClientStatusRequest()), text);
        return text.ToString();
    }
}
