using Envoy.Config.Core.V3;
using Google.Protobuf;
using Weft.Config;
using Weft.Xds;
using ApiType = Envoy.Config.Core.V3.ApiConfigSource.Types.ApiType;

namespace Weft.Proxy.XdsClient.Collections;

/// <summary>The xdstp URL of a collection (cds_resources_locator, leds_collection_name), checked against the source that it is to come from.</summary>
internal static class CollectionLocator
{
    /// <summary>The name to ask for; null, with the fault reported, when it cannot be used.</summary>
    /// <param name="locator">The URL.</param>
    /// <param name="source">Where from.</param>
    /// <param name="type">What is wanted.</param>
    /// <param name="node">What is said about who asks.</param>
    /// <param name="at">The message that holds the URL.</param>
    /// <param name="field">Its name there.</param>
    /// <param name="context">Takes the fault.</param>
    public static string? Read(string locator, ConfigSource? source, ResourceType type, IReadOnlyDictionary<string, string> node, IMessage at, string field, ConfigContext context)
    {
        if (!XdsTpName.HasScheme(locator))
            context.Error(at, field, locator.StartsWith("http:", StringComparison.Ordinal) ? $"{locator}: locators that are http: URLs are not implemented" : $"{locator} does not have a xdstp:, http: or file: scheme");
        else if (XdsTpName.Parse(locator, out var fault) is not { } name)
            context.Error(at, field, fault);
        else if (name.Type != type.FullName)
            context.Error(at, field, $"xdstp:// type does not match {type.FullName} in {locator}");
        else if (!IsIncremental(source))
            context.Error(at, field, "Missing or not supported config source specifier in envoy::config::core::v3::ConfigSource for a collection. Only ADS and gRPC in delta-xDS mode are supported.");
        else
            return name.Within(node).ToString();
        return null;
    }

    /// <summary>Whether a source is one that Envoy takes collections from; of ADS it is not checked.</summary>
    private static bool IsIncremental(ConfigSource? source) => source?.ConfigSourceSpecifierCase switch
    {
        ConfigSource.ConfigSourceSpecifierOneofCase.Ads => true,
        ConfigSource.ConfigSourceSpecifierOneofCase.ApiConfigSource => source.ApiConfigSource.ApiType is ApiType.DeltaGrpc or ApiType.AggregatedGrpc or ApiType.AggregatedDeltaGrpc,
        _ => false,
    };
}
