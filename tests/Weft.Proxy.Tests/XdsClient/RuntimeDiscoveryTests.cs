namespace Weft.Proxy.Tests.XdsClient;

/// <summary>A runtime layer from a file (RTDS).</summary>
public sealed class RuntimeDiscoveryTests : IDisposable
{
    private const string Bootstrap = """
        layered_runtime:
          layers:
          - name: base
            static_layer: { color: blue, size: 1 }
          - name: file
            rtds_layer: { name: layer, rtds_config: { path_config_source: { path: FOLDER/rtds.yaml } } }
        """;

    private readonly DynamicFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task The_layer_stands_over_earlier_ones_and_follows_its_file()
    {
        _files.Write("rtds.yaml", Runtime("layer", "{ color: red }"));
        await _files.Start(Bootstrap);
        Assert.Equal("red", await Final("color"));
        await _files.ExpectStat("runtime.num_keys", 2);

        _files.Write("rtds.yaml", Runtime("layer", "{ size: 2 }"));
        await DynamicFiles.Until(async () => await Final("size") == "2", "the changed layer");
        Assert.Equal("blue", await Final("color"));
    }

    [Theory]
    [InlineData("other", "{ color: red }")]
    [InlineData("layer", "{ color: [red] }")]
    public async Task A_wrong_layer_is_refused_and_the_server_starts_without_it(string name, string layer)
    {
        _files.Write("rtds.yaml", Runtime(name, layer));
        await _files.Start(Bootstrap);
        Assert.Equal("blue", await Final("color"));
        await _files.ExpectStat("runtime.update_rejected", 1);
        await _files.ExpectStat("runtime.update_success", 0);
    }

    private static string Runtime(string name, string layer) => $$"""
        version_info: '1'
        resources:
        - "@type": type.googleapis.com/envoy.service.runtime.v3.Runtime
          name: {{name}}
          layer: {{layer}}
        """;

    private async Task<string> Final(string key)
    {
        using var json = System.Text.Json.JsonDocument.Parse(await _files.Admin("runtime"));
        return json.RootElement.GetProperty("entries").TryGetProperty(key, out var entry) ? entry.GetProperty("final_value").GetString()! : "";
    }
}
