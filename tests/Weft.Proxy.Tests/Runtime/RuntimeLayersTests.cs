using System.Runtime.InteropServices;
using Envoy.Config.Bootstrap.V3;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Proxy.Runtime;

namespace Weft.Proxy.Tests.Runtime;

public sealed class RuntimeLayersTests : IDisposable
{
    private readonly StatsStore _stats = new();
    private readonly ConfigContext _context = new();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("weft-runtime");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Without_layered_runtime_nothing_can_be_changed()
    {
        var layers = new RuntimeLayers(null, _context, _stats.Scope(""));
        Assert.False(layers.HasAdminLayer);
        Assert.Empty(layers.LayerNames);
        Assert.Equal("No admin layer specified", Assert.Throws<InvalidOperationException>(() => layers.Modify([])).Message);
    }

    [Fact]
    public void A_layered_runtime_without_layers_gets_an_admin_layer()
    {
        var layers = Layers("{}");
        Assert.True(layers.HasAdminLayer);
        Assert.Equal([""], layers.LayerNames);
    }

    [Fact]
    public void The_later_layer_wins()
    {
        var layers = Layers("""
            layers:
            - { name: base, static_layer: { a: 1, b: 1, c: 1, nested: { x: { deep: true } } } }
            - { name: over, static_layer: { b: 2 } }
            - { name: admin, admin_layer: {} }
            """);
        layers.Modify([new("c", "3")]);
        var runtime = layers.Current;
        Assert.Equal([1UL, 2UL, 3UL], [runtime.GetInteger("a", 0), runtime.GetInteger("b", 0), runtime.GetInteger("c", 0)]);
        Assert.True(runtime.GetBool("nested.x.deep", false));
        Assert.Equal(["base", "over", "admin"], layers.LayerNames);
        Assert.Equal(["a", "b", "c", "nested.x.deep"], layers.Entries.Select(static entry => entry.Key));
        Assert.Equal(["1", "2", ""], layers.Entries[1].LayerValues);
        Assert.Equal("2", layers.Entries[1].Final);
        Assert.Equal((4, 3), (Gauge("num_keys"), Gauge("num_layers")));
    }

    [Fact]
    public void An_empty_value_takes_an_override_away()
    {
        var layers = Layers("layers: [{ name: s, static_layer: { a: 1 } }, { name: admin, admin_layer: {} }]");
        var before = layers.Current;
        layers.Modify([new("a", "2"), new("b", "3")]);
        Assert.Equal(1, Gauge("admin_overrides_active"));
        Assert.Equal(2UL, layers.Current.GetInteger("a", 0));
        Assert.Equal(1UL, before.GetInteger("a", 0));
        layers.Modify([new("a", ""), new("b", "")]);
        Assert.Equal(1UL, layers.Current.GetInteger("a", 0));
        Assert.Equal(9UL, layers.Current.GetInteger("b", 9));
        Assert.Equal(0, Gauge("admin_overrides_active"));
    }

    [Fact]
    public void A_directory_is_a_layer_and_is_read_again()
    {
        var version1 = Version("v1", ("health_check/min_interval", "5\n"), ("with_comment", "# why\n7"), ("flag", "true"), ("share", "numerator: 12\ndenominator: MILLION"));
        var root = Path.Combine(_directory.FullName, "current");
        File.CreateSymbolicLink(root, version1);
        var layers = Layers($"layers: [{{ name: disk, disk_layer: {{ symlink_root: {root}, subdirectory: envoy }} }}]");
        Assert.Equal(5UL, layers.Current.GetInteger("health_check.min_interval", 0));
        Assert.Equal(7UL, layers.Current.GetInteger("with_comment", 0));
        Assert.True(layers.Current.GetBool("flag", false));
        Assert.True(layers.Current.IsEnabled(new RuntimeFraction("share", 0, 100), 11));
        Assert.False(layers.Current.IsEnabled(new RuntimeFraction("share", 100, 100), 12));

        using var changed = new SemaphoreSlim(0);
        layers.Watch(work =>
        {
            work();
            changed.Release();
        });
        var next = Path.Combine(_directory.FullName, "next");
        File.CreateSymbolicLink(next, Version("v2", ("health_check/min_interval", "6")));
        Assert.Equal(0, Rename(next, root));
        Assert.True(changed.Wait(TimeSpan.FromSeconds(120)));
        Assert.Equal(6UL, layers.Current.GetInteger("health_check.min_interval", 0));
        Assert.Equal(0UL, layers.Current.GetInteger("with_comment", 0));
        layers.Dispose();
    }

    [Fact]
    public void A_directory_can_be_that_of_the_service_cluster()
    {
        var root = Version("v1", ("mine/a", "1"), ("other/a", "2"));
        var layers = Layers($"layers: [{{ name: disk, disk_layer: {{ symlink_root: {root}, subdirectory: envoy, append_service_cluster: true }} }}]", "mine");
        Assert.Equal(1UL, layers.Current.GetInteger("a", 0));
    }

    [Fact]
    public void A_directory_that_cannot_be_read_is_left_out_and_counted()
    {
        var root = Version("v1", ("a", "1"));
        File.CreateSymbolicLink(Path.Combine(root, "envoy", "loop"), Path.Combine(root, "envoy"));
        var layers = Layers($"layers: [{{ name: s, static_layer: {{ a: 2 }} }}, {{ name: disk, disk_layer: {{ symlink_root: {root}, subdirectory: envoy }} }}]");
        Assert.Equal(2UL, layers.Current.GetInteger("a", 0));
        Assert.Equal(["s"], layers.LayerNames);
        Assert.Equal((1, 0), (Counter("load_error"), Counter("load_success")));
    }

    [Fact]
    public void A_directory_that_is_not_there_is_no_error()
    {
        var layers = Layers($"layers: [{{ name: disk, disk_layer: {{ symlink_root: {_directory.FullName}/absent }} }}]");
        Assert.Empty(layers.LayerNames);
        Assert.Equal((0, 1, 1), (Counter("load_error"), Counter("load_success"), Counter("override_dir_not_exists")));
    }

    [Fact]
    public void Two_directories_count_as_an_override()
    {
        var root = Version("v1", ("a", "1"));
        Layers($"layers: [{{ name: one, disk_layer: {{ symlink_root: {root}, subdirectory: envoy }} }}, {{ name: two, disk_layer: {{ symlink_root: {root} }} }}]");
        Assert.Equal(1, Counter("override_dir_exists"));
    }

    [Theory]
    [InlineData("layers: [{ name: a, admin_layer: {} }, { name: b, admin_layer: {} }]", "Too many admin layers specified in LayeredRuntime, at most one may be specified")]
    [InlineData("layers: [{ name: a, static_layer: {} }, { name: a, admin_layer: {} }]", "Duplicate layer name: a")]
    [InlineData("layers: [{ name: a, static_layer: { k: { l: [1] } } }]", "Invalid runtime entry value for k.l")]
    [InlineData("layers: [{ name: a, static_layer: { k: null } }]", "Invalid runtime entry value for k")]
    [InlineData("layers: [{ name: a, disk_layer: { symlink_root: /does/not/exist } }]", "unable to add filesystem watch for file /does/not/exist: No such file or directory")]
    public void A_wrong_layer_is_reported(string yaml, string fault)
    {
        Layers(yaml, checks: false);
        Assert.Contains(fault, _context.Findings.Errors.Select(static error => error.Text));
    }

    // File.Move would follow a link to a directory.
    [DllImport("libc", EntryPoint = "rename", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Rename(string from, string to);

    private RuntimeLayers Layers(string yaml, string serviceCluster = "", bool checks = true)
    {
        var config = ConfigReader.ReadText<LayeredRuntime>(yaml, "t.yaml", new ReadOptions { AllowUnimplemented = true }, _context);
        var layers = new RuntimeLayers(config, _context, _stats.Scope(""), serviceCluster);
        if (checks) Assert.Empty(_context.Findings.Errors);
        return layers;
    }

    private string Version(string name, params (string Key, string Value)[] values)
    {
        var root = Path.Combine(_directory.FullName, name);
        foreach (var (key, value) in values)
        {
            var file = Path.Combine(root, "envoy", key);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, value);
        }

        return root;
    }

    private long Gauge(string name) => _stats.Scope("runtime.").Gauge(name).Value;

    private long Counter(string name) => _stats.Scope("runtime.").Counter(name).Value;
}
