using static Weft.Proxy.Tests.XdsClient.DiscoveredYaml;

namespace Weft.Proxy.Tests.XdsClient.Files;

/// <summary>How a change of a file is noticed: in place, by renaming, by a link on the way to it; and what is no change.</summary>
public sealed class WatchedFileTests : IDisposable
{
    private readonly DynamicFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task A_file_that_is_written_in_place_is_read_again()
    {
        var (one, two) = (_files.Upstream("one"), _files.Upstream("two"));
        _files.Write("eds.yaml", Endpoints("web", one));
        await _files.Start(StaticWith(Eds("web")));
        File.WriteAllText(_files.PathOf("eds.yaml"), Endpoints("web", two));
        await DynamicFiles.Until(async () => (await _files.Answers(1)).SequenceEqual(["two"]), "the other endpoint");
    }

    [Fact]
    public async Task A_file_that_is_moved_away_and_back_is_no_failure()
    {
        _files.Write("eds.yaml", Endpoints("web", _files.Upstream("one")));
        await _files.Start(StaticWith(Eds("web")));
        var two = _files.Upstream("two");
        // What makes the watch look at a file that is not there: another one is moved over it, and gone at once.
        _files.Write("eds.yaml", Endpoints("web", two));
        File.Move(_files.PathOf("eds.yaml"), _files.PathOf("temp"));
        File.Move(_files.PathOf("temp"), _files.PathOf("eds.yaml"));
        await DynamicFiles.Until(async () => (await _files.Answers(1)).SequenceEqual(["two"]), "the other endpoint");
        Assert.Equal(0, await _files.Stat("cluster.web.update_failure"));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_a_failure_and_changes_nothing()
    {
        _files.Write("eds.yaml", Endpoints("web", _files.Upstream("one")));
        await _files.Start(StaticWith(Eds("web")));
        _files.Write("eds.yaml", "resources: [");
        await DynamicFiles.Until(async () => await _files.Stat("cluster.web.update_failure") == 1, "a failed update");
        Assert.Equal(["one"], await _files.Answers(2));
    }

    [Theory]
    [InlineData("")]
    [InlineData("# to be written")]
    public async Task A_file_with_nothing_in_it_removes_nothing(string text)
    {
        _files.Write("cds.yaml", Resources(StaticCluster("web", _files.Upstream("one"))));
        await _files.Start("dynamic_resources: { cds_config: { path: FOLDER/cds.yaml } }");
        File.WriteAllText(_files.PathOf("cds.yaml"), text);
        await DynamicFiles.Until(async () => await _files.Stat("cluster_manager.cds.update_failure") == 1, "a failed update");
        Assert.Equal(("1", "web"), await _files.Dumped("dynamic_active_clusters", "cluster"));
    }

    [Fact]
    public void A_file_that_is_not_there_is_named_at_the_start()
    {
        var options = new Weft.Proxy.Bootstrap.ServerOptions { ConfigYaml = StaticWith(Eds("web")).Replace("FOLDER", "/nowhere", StringComparison.Ordinal) };
        Assert.Null(Weft.Proxy.Bootstrap.Server.Create(options, out var findings));
        Assert.Contains(findings.Errors, fault => fault.Text == "paths must refer to an existing path in the system: '/nowhere/eds.yaml' does not exist"
            && fault.FieldPath == "static_resources.clusters[0].eds_cluster_config.eds_config.path_config_source.path");
    }

    [Fact]
    public async Task A_link_on_the_way_to_the_file_may_be_exchanged()
    {
        WriteTwoVersions();
        Directory.CreateSymbolicLink(_files.PathOf("..data"), "v1");
        File.CreateSymbolicLink(_files.PathOf("eds.yaml"), "..data/eds.yaml");
        await _files.Start(StaticWith(Eds("web")));
        Assert.Equal(["one"], await _files.Answers(2));

        Directory.CreateSymbolicLink(_files.PathOf("..tmp"), "v2");
        using var move = System.Diagnostics.Process.Start("mv", ["-T", _files.PathOf("..tmp"), _files.PathOf("..data")]);
        await move.WaitForExitAsync();

        await DynamicFiles.Until(async () => (await _files.Answers(1)).SequenceEqual(["two"]), "the other endpoint");
    }

    [Fact]
    public async Task With_a_watched_directory_what_moves_there_makes_the_file_be_read_again()
    {
        WriteTwoVersions();
        Directory.CreateSymbolicLink(_files.PathOf("current"), "v1");
        await _files.Start(StaticWith(Eds("web").Replace("FOLDER/eds.yaml", "FOLDER/current/eds.yaml, watched_directory: { path: FOLDER }", StringComparison.Ordinal)));
        Assert.Equal(["one"], await _files.Answers(2));

        Directory.CreateSymbolicLink(_files.PathOf("next"), "v2");
        using var move = System.Diagnostics.Process.Start("mv", ["-T", _files.PathOf("next"), _files.PathOf("current")]);
        await move.WaitForExitAsync();

        await DynamicFiles.Until(async () => (await _files.Answers(1)).SequenceEqual(["two"]), "the other endpoint");
    }

    /// <summary>Folders v1 and v2, each with the file in it.</summary>
    private void WriteTwoVersions()
    {
        foreach (var (folder, upstream) in new[] { ("v1", "one"), ("v2", "two") })
        {
            Directory.CreateDirectory(_files.PathOf(folder));
            File.WriteAllText(_files.PathOf(folder + "/eds.yaml"), Endpoints("web", _files.Upstream(upstream)));
        }
    }
}
