using Google.Protobuf.WellKnownTypes;
using Weft.Base.Logging;
using Weft.Config;
using Weft.Xds;
using DeltaResponse = Envoy.Service.Discovery.V3.DeltaDiscoveryResponse;
using ResourceMessage = Envoy.Service.Discovery.V3.Resource;
using Response = Envoy.Service.Discovery.V3.DiscoveryResponse;

namespace Weft.Proxy.XdsClient;

/// <summary>Responses of management servers to updates: each resource is read and checked on its own. Main thread.</summary>
/// <param name="options">What to let pass.</param>
internal sealed class ResponseDecoder(ReadOptions options)
{
    private static readonly Logger Log = Logger.Get("config");

    private bool _hasNotedTtl;

    /// <summary>A state-of-the-world response.</summary>
    public DiscoveryUpdate Decode(ResourceType type, Response response) =>
        new(response.VersionInfo, isDelta: false, [.. response.Resources.Select(body => Decode(type, body, response.VersionInfo, ""))], []);

    /// <summary>An incremental response.</summary>
    public DiscoveryUpdate Decode(ResourceType type, DeltaResponse response) =>
        new(response.SystemVersionInfo, isDelta: true, [.. response.Resources.Select(resource => Decode(type, resource))], [.. response.RemovedResources]);

    /// <summary>A resource that came before.</summary>
    public DiscoveryUpdate Decode(ResourceType type, KeptResource kept) => new(kept.Version, kept.IsDelta, [Decode(type, kept.Body, kept.Version, kept.Name, kept.Aliases)], []);

    private DiscoveredResource Decode(ResourceType type, ResourceMessage resource)
    {
        NoteTtl(resource);
        return Decode(type, resource.Resource_ ?? new Any(), resource.Version, resource.Name, resource.Aliases);
    }

    /// <summary>Said once: a server that uses it sends it with everything.</summary>
    private void NoteTtl(ResourceMessage resource)
    {
        if (resource.Ttl is null || _hasNotedTtl)
            return;
        _hasNotedTtl = true;
        Log.Warning($"the ttl of {resource.Name} has no effect, nor that of others: a resource stays until it is removed");
    }

    private DiscoveredResource Decode(ResourceType type, Any body, string version, string name, IReadOnlyList<string>? aliases = null)
    {
        var context = new ConfigContext();
        var message = context.Unpack(body);
        if (message is ResourceMessage { Resource_: { } inner } wrapper)
        {
            NoteTtl(wrapper);
            (body, message) = (inner, context.Unpack(inner));
            version = wrapper.Version.Length > 0 ? wrapper.Version : version;
            name = wrapper.Name;
        }

        if (message is not null && type.NameOf(message) is { } found)
        {
            // A virtual host's resource is named after the table of routes too.
            if (name.Length == 0 || type != ResourceType.VirtualHosts)
                name = found;
            ConfigReader.Check(message, "", options, context);
        }
        else if (message is not null)
        {
            context.Findings.Add(new Finding(Severity.Error, null, "", $"Unable to unpack as {type.FullName}: [{body.TypeUrl}]"));
        }

        return new DiscoveredResource(name, version, message, body, context.Origins, context.Findings.All) { Aliases = aliases ?? [] };
    }
}

/// <summary>An accepted resource as it came.</summary>
internal sealed record KeptResource(string Version, bool IsDelta, string Name, Any Body, IReadOnlyList<string> Aliases);
