using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Config;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Xds;
using DeltaResponse = Envoy.Service.Discovery.V3.DeltaDiscoveryResponse;
using ResourceMessage = Envoy.Service.Discovery.V3.Resource;
using Response = Envoy.Service.Discovery.V3.DiscoveryResponse;

namespace Weft.Proxy.XdsClient;

/// <summary>Responses of management servers to updates: each resource is read and checked on its own. Main thread.</summary>
/// <param name="options">What to let pass.</param>
internal sealed class ResponseDecoder(ReadOptions options)
{
    /// <summary>The longest duration there is (protobuf): ten thousand years.</summary>
    private const long MaxTtlSeconds = 315_576_000_000;

    /// <summary>A state-of-the-world response.</summary>
    /// <param name="accepted">The version that is in use; empty: none.</param>
    public DiscoveryUpdate Decode(ResourceType type, Response response, string accepted = "")
    {
        var version = response.VersionInfo;
        var isKnown = version.Length > 0 && version == accepted;
        var (resources, heartbeats) = Split(type, response.Resources.Select(body => Decode(type, body, version, "")), _ => isKnown);
        // The same version is the same state, so a server may name only what it wants to refresh: nothing is gone.
        return new DiscoveryUpdate(version, isDelta: heartbeats.Count > 0, resources, []) { Heartbeats = heartbeats };
    }

    /// <summary>An incremental response.</summary>
    /// <param name="acceptedOf">The version of a resource that is in use, by its name; null: none.</param>
    public DiscoveryUpdate Decode(ResourceType type, DeltaResponse response, Func<string, string?> acceptedOf)
    {
        var (resources, heartbeats) = Split(type, response.Resources.Select(resource => Decode(type, resource)), resource => acceptedOf(resource.Name) == resource.Version);
        return new DiscoveryUpdate(response.SystemVersionInfo, isDelta: true, resources, [.. response.RemovedResources.Select(XdsTpName.Canonical)]) { Heartbeats = heartbeats };
    }

    /// <summary>A resource that came before.</summary>
    public DiscoveryUpdate Decode(ResourceType type, KeptResource kept) => new(kept.Version, kept.IsDelta, [Decode(type, new Any { TypeUrl = kept.TypeUrl, Value = kept.Bytes }, kept.Version, kept.Name, kept.Aliases)], []);

    /// <summary>Tells heartbeats from resources. A virtual host without a body is one that does not exist.</summary>
    private static (List<DiscoveredResource> Resources, List<DiscoveredResource> Heartbeats) Split(ResourceType type, IEnumerable<DiscoveredResource> all, Func<DiscoveredResource, bool> isKnown)
    {
        var (resources, heartbeats) = (new List<DiscoveredResource>(), new List<DiscoveredResource>());
        foreach (var resource in all)
            (resource.IsAbsent && type != ResourceType.VirtualHosts && isKnown(resource) ? heartbeats : resources).Add(resource);
        return (resources, heartbeats);
    }

    private static long? TtlMs(Duration? ttl) => ttl?.Seconds switch
    {
        null => null,
        < 0 => 0,
        > MaxTtlSeconds => MaxTtlSeconds * 1000,
        _ => ttl.ToMs(),
    };

    private DiscoveredResource Decode(ResourceType type, ResourceMessage resource) =>
        Decode(type, resource.Resource_ ?? new Any(), Shared<string>.Of(resource.Version), resource.Name, resource.Aliases, resource.Ttl);

    private DiscoveredResource Decode(ResourceType type, Any body, string version, string name, IReadOnlyList<string>? aliases = null, Duration? ttl = null)
    {
        var context = new ConfigContext();
        var message = context.Unpack(body);
        if (message is ResourceMessage wrapper)
        {
            body = wrapper.Resource_ ?? new Any();
            message = context.Unpack(body);
            version = wrapper.Version.Length > 0 ? wrapper.Version : version;
            (name, ttl) = (wrapper.Name, wrapper.Ttl);
        }

        var sentAs = XdsTpName.HasScheme(name) ? XdsTpName.Canonical(name) : "";
        if (message is not null && type.NameOf(message) is { } found)
        {
            // A virtual host's resource is named after the table of routes too.
            if (found.Length > 0 && (name.Length == 0 || type != ResourceType.VirtualHosts))
                name = found;
            ConfigReader.Check(message, "", options, context);
        }
        else if (message is not null)
        {
            context.Findings.Add(new Finding(Severity.Error, null, "", $"Unable to unpack as {type.FullName}: [{body.TypeUrl}]"));
        }
        else if (body.TypeUrl.Length == 0 && type != ResourceType.VirtualHosts)
        {
            context.Findings.Add(new Finding(Severity.Error, null, "", $"{name} has no body, and version '{version}' of it is not in use"));
        }

        name = XdsTpName.Canonical(name);
        return new DiscoveredResource(name, version, message, body, context.Origins, context.Findings.All) { SentAs = sentAs.Length > 0 ? sentAs : name, Aliases = aliases is { Count: > 0 } ? aliases : [], TtlMs = TtlMs(ttl) };
    }
}

/// <summary>An accepted resource as it came.</summary>
/// <param name="Version">Its own, or that of the response.</param>
/// <param name="IsDelta">It came in an incremental response.</param>
/// <param name="Name">Its name.</param>
/// <param name="TypeUrl">What the message is.</param>
/// <param name="Bytes">The message.</param>
/// <param name="Aliases">Other names that it was asked for by.</param>
internal sealed record KeptResource(string Version, bool IsDelta, string Name, string TypeUrl, ByteString Bytes, IReadOnlyList<string> Aliases)
{
    /// <param name="name">How it was asked for.</param>
    public static KeptResource Of(DiscoveryUpdate update, DiscoveredResource resource, string name) =>
        new(update.Version, update.IsDelta, name, Shared<string>.Of(resource.Body.TypeUrl), resource.Body.Value, resource.Aliases);
}
