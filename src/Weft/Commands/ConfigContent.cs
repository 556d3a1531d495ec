using Envoy.Config.Bootstrap.V3;
using Envoy.Config.Listener.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Weft.Config;
using Weft.Xds;
using Weft.Xds.Server;
using Weft.XdsServer;

namespace Weft.Commands;

/// <summary>What of a bootstrap, of a file of resources, or of what <c>weft xds-server</c> serves can change by itself while a proxy runs.</summary>
internal sealed class ConfigContent
{
    private readonly Dictionary<(string Kind, string Name), IMessage> _resources = [];

    private ConfigContent()
    {
    }

    /// <summary>By kind and name.</summary>
    public IReadOnlyDictionary<(string Kind, string Name), IMessage> Resources => _resources;

    /// <summary>Null: it is none.</summary>
    public Bootstrap? Bootstrap { get; private set; }

    /// <summary>Null when it cannot be read; the reasons have been written.</summary>
    public static ConfigContent? Read(string path, TextWriter error)
    {
        var content = new ConfigContent();
        var findings = new Findings();
        if (Directory.Exists(path) || HasLine(path, static line => line.StartsWith("spec:", StringComparison.Ordinal)))
            content.AddServed(ResourceFiles.Read(path, usesAds: false, findings));
        else
            content.AddFile(path, findings);
        foreach (var fault in findings.Errors)
            error.WriteLine(fault.ToString());
        return findings.HasErrors ? null : content;
    }

    private static bool HasLine(string path, Func<string, bool> predicate) => File.Exists(path) && File.ReadLines(path).Any(predicate);

    private static string KindOf(ResourceType type) => type.FullName[(type.FullName.LastIndexOf('.') + 1)..];

    /// <summary>Those without a name go by their address.</summary>
    private static string NameOf(Listener listener) => listener switch
    {
        { Name.Length: > 0 } => listener.Name,
        { Address.SocketAddress: { } socket } => $"{socket.Address}:{socket.PortValue}",
        _ => $"{listener.Address}",
    };

    private void AddServed(IEnumerable<IMessage> resources)
    {
        foreach (var message in resources)
        {
            if (NamedResource.Of(message) is { } named)
                _resources[(KindOf(named.Type), named.Name)] = message;
        }
    }

    private void AddFile(string path, Findings findings)
    {
        var context = new ConfigContext();
        var options = new ReadOptions { AllowUnimplemented = true };
        if (HasLine(path, static line => line.StartsWith("resources:", StringComparison.Ordinal) || line.Contains("\"resources\"", StringComparison.Ordinal)))
            AddResponse(ConfigReader.Read<DiscoveryResponse>(path, null, options, context), context);
        else
            AddBootstrap(ConfigReader.Read<Bootstrap>(path, null, options, context));
        foreach (var fault in context.Findings.Errors)
            findings.Add(fault);
    }

    private void AddResponse(DiscoveryResponse response, ConfigContext context)
    {
        foreach (var body in response.Resources)
        {
            if (context.Unpack(body) is { } message && ResourceType.Find(body.TypeUrl) is { } type)
                _resources[(KindOf(type), type.NameOf(message) ?? "")] = message;
        }
    }

    private void AddBootstrap(Bootstrap bootstrap)
    {
        Bootstrap = bootstrap;
        foreach (var cluster in bootstrap.StaticResources?.Clusters ?? [])
            _resources[("cluster", cluster.Name)] = cluster;
        foreach (var listener in bootstrap.StaticResources?.Listeners ?? [])
            _resources[("listener", NameOf(listener))] = listener;
        foreach (var secret in bootstrap.StaticResources?.Secrets ?? [])
            _resources[("secret", secret.Name)] = secret;
        foreach (var layer in bootstrap.LayeredRuntime?.Layers ?? [])
            _resources[("runtime layer", layer.Name)] = layer;
    }
}
