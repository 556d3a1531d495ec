using System.Runtime.Versioning;
using Envoy.Config.Cluster.V3;
using Google.Protobuf.WellKnownTypes;
using Weft.Config;
using Weft.Proxy.XdsClient;
using Weft.Proxy.XdsClient.Saving;
using Weft.Xds;

namespace Weft.Proxy.Tests.XdsClient.Saving;

/// <summary>What of a management server's answers is kept in files (--xds-cache).</summary>
[SupportedOSPlatform("linux")]
public sealed class SavedResourcesTests : IDisposable
{
    private readonly TestLoop _loop = new();
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "weft-saved-" + Guid.NewGuid().ToString("N"));

    public void Dispose()
    {
        _loop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Of_an_answer_that_is_refused_in_part_the_rest_is_saved()
    {
        Answer(ResourceType.Clusters, isWhole: true, Resource("one", "1"), Resource("gone", "1"), Resource("same", "1"));
        var faulty = Resource("one", "2");
        faulty.Refuse();
        Answer(ResourceType.Clusters, isWhole: false, faulty, Resource("same", "1"), Resource("new", "2"));
        Assert.Equal(["new 2", "one 1", "same 1"], Saved(ResourceType.Clusters));
    }

    [Fact]
    public void A_resource_that_cannot_be_read_has_no_name_so_nothing_counts_as_missing()
    {
        Answer(ResourceType.Clusters, isWhole: true, Resource("one", "1"));
        var unreadable = new DiscoveredResource("", "2", null, new Any(), new MessageOrigins(), [new Finding(Severity.Error, null, "", "damaged")]);
        Answer(ResourceType.Clusters, isWhole: false, unreadable, Resource("new", "2"));
        Assert.Equal(["new 2", "one 1"], Saved(ResourceType.Clusters));
    }

    [Fact]
    public void Scopes_are_saved_all_or_none()
    {
        Answer(ResourceType.ScopedRoutes, isWhole: true, Resource("one", "1"));
        Answer(ResourceType.ScopedRoutes, isWhole: false, Resource("two", "2"));
        Assert.Equal(["one 1"], Saved(ResourceType.ScopedRoutes));
    }

    [Fact]
    public void Answers_that_name_only_some_of_a_type_add_up()
    {
        Answer(ResourceType.Endpoints, isWhole: true, Resource("one", "1"));
        Answer(ResourceType.Endpoints, isWhole: true, Resource("two", "2"));
        Assert.Equal(["one 1", "two 2"], Saved(ResourceType.Endpoints));
    }

    [Fact]
    public void Only_the_owner_may_read_what_is_saved()
    {
        Answer(ResourceType.Secrets, isWhole: true, Resource("key", "1"));
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(owner, File.GetUnixFileMode(Assert.Single(Directory.GetFiles(_folder))));
        Assert.Equal(owner | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder));
    }

    private static DiscoveredResource Resource(string name, string version)
    {
        var message = new Cluster { Name = name };
        return new DiscoveredResource(name, version, message, Any.Pack(message), new MessageOrigins(), []);
    }

    /// <summary>Takes an answer over and writes it.</summary>
    private void Answer(ResourceType type, bool isWhole, params DiscoveredResource[] resources)
    {
        using var saved = new SavedResources(_folder, "server", _loop.Loop);
        saved.OnAnswer(type, new DiscoveryUpdate(resources[^1].Version, isDelta: false, resources, []), isWhole);
    }

    /// <summary>What another process would read: name and version.</summary>
    private IEnumerable<string> Saved(ResourceType type)
    {
        using var saved = new SavedResources(_folder, "server", _loop.Loop);
        var resources = saved.Find(type, null)!.Resources.Select(static body => body.Unpack<Envoy.Service.Discovery.V3.Resource>());
        return resources.Select(static resource => $"{resource.Name} {resource.Version}").ToList();
    }
}
