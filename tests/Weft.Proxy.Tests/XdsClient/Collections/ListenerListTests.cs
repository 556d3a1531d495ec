using static Weft.Proxy.Tests.XdsClient.DiscoveredYaml;

namespace Weft.Proxy.Tests.XdsClient.Collections;

/// <summary>Listeners of a list in a file, and locators of such lists.</summary>
public sealed class ListenerListTests : IDisposable
{
    private readonly DynamicFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Listeners_of_a_list_in_a_file_come_and_change_and_a_faulty_one_is_named()
    {
        _files.Write("lds.yaml", ListenerList("first", "second"));
        await _files.Start("dynamic_resources: { lds_resources_locator: file://FOLDER/lds.yaml }");
        Assert.Equal(["first", "second"], await ListenerNames());
        Assert.Equal("7", (await _files.Dump("dynamic_listeners"))[0].GetProperty("active_state").GetProperty("version_info").GetString());

        _files.Write("lds.yaml", ListenerList("second", "third").Replace("stat_prefix: third", "stat_prefx: third", StringComparison.Ordinal));
        await DynamicFiles.Until(async () => await _files.Stat("listener_manager.lds.update_rejected") == 1, "a rejected update");
        Assert.Contains("resource.entries[1].inline_entry.resource.filter_chains[0].filters[0].typed_config.stat_prefix  value length must be at least 1 characters", await _files.Admin("config_dump?resource=dynamic_listeners"), StringComparison.Ordinal);
        await _files.ExpectStat("listener_manager.total_listeners_active", 1);

        _files.Write("lds.yaml", "version: '8'\nresource: { '@type': type.googleapis.com/envoy.config.cluster.v3.Cluster, name: none }");
        await DynamicFiles.Until(async () => await _files.Stat("listener_manager.lds.update_failure") == 1, "a failed update");
        await _files.ExpectStat("listener_manager.total_listeners_active", 1);
    }

    [Theory]
    [InlineData("cds_resources_locator: file:///etc/hosts", "Invalid structure for collection type")]
    [InlineData("lds_resources_locator: file://etc/hosts", "is no file: URL with an absolute path")]
    [InlineData("lds_resources_locator: file:///nowhere", "paths must refer to an existing path in the system: '/nowhere' does not exist")]
    [InlineData("lds_resources_locator: 'file:///etc/hosts#entry=one'", "the directive entry is not implemented")]
    [InlineData("lds_resources_locator: 'http://me/list'", "locators that are http: URLs are not implemented")]
    [InlineData("lds_resources_locator: list", "list does not have a xdstp:, http: or file: scheme")]
    public void What_is_wrong_with_a_locator_is_named(string locator, string fault)
    {
        Assert.Null(Weft.Proxy.Bootstrap.Server.Create(new() { ConfigYaml = $"dynamic_resources: {{ {locator} }}" }, out var findings));
        Assert.Contains(fault, Assert.Single(findings.Errors).ToString(), StringComparison.Ordinal);
    }

    private static string ListenerList(params string[] names) => "version: '7'\nresource:\n  '@type': type.googleapis.com/envoy.config.listener.v3.ListenerCollection\n  entries:\n"
        + string.Concat(names.Select(name => $"  - inline_entry:\n      name: {name}\n      resource:\n"
            + Indented(Indented(Indented(Indented(ListenerOf(name, Inline.Replace("name: inline,", "name: inline, validate_clusters: false,", StringComparison.Ordinal)).Replace("- \"@type\"", "  \"@type\"", StringComparison.Ordinal)))))));

    private async Task<IEnumerable<string?>> ListenerNames() => (await _files.Dump("dynamic_listeners")).Select(static one => one.GetProperty("name").GetString()).Order(StringComparer.Ordinal);
}
