using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Weft.Config;
using Node = Envoy.Config.Core.V3.Node;

namespace Weft.Proxy.XdsClient.Collections;

/// <summary>What a collection's name says about who asks for it: the fields of the node that <c>node_context_params</c> names.</summary>
internal static class NodeContext
{
    private const string Prefix = "xds.node.";
    private const string Metadata = "metadata";
    private const string BuildMetadata = "user_agent_build_version.metadata";

    private static readonly PrintOptions s_oneLine = new() { Indented = false, Redacted = false };

    /// <summary>The context; fields that a node does not have are passed over, as in Envoy.</summary>
    public static Dictionary<string, string> Of(Node node, IEnumerable<string> fields)
    {
        var context = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in fields)
        {
            if (field == Metadata)
                Add(node.Metadata, field, context);
            else if (field == BuildMetadata)
                Add(node.UserAgentBuildVersion?.Metadata, field, context);
            else if (Text(node, field) is { } text)
                context[Prefix + field] = text;
        }

        return context;
    }

    private static string? Text(Node node, string field) => field switch
    {
        "id" => node.Id,
        "cluster" => node.Cluster,
        "user_agent_name" => node.UserAgentName,
        "user_agent_version" => node.UserAgentVersion,
        "locality.region" => node.Locality?.Region ?? "",
        "locality.zone" => node.Locality?.Zone ?? "",
        "locality.sub_zone" => node.Locality?.SubZone ?? "",
        "user_agent_build_version.version" => Version(node.UserAgentBuildVersion?.Version ?? new()),
        _ => null,
    };

    private static string Version(Envoy.Type.V3.SemanticVersion version) => string.Create(CultureInfo.InvariantCulture, $"{version.MajorNumber}.{version.MinorNumber}.{version.Patch}");

    /// <summary>Every value as JSON: texts stand in quotes.</summary>
    private static void Add(Struct? metadata, string field, Dictionary<string, string> context)
    {
        foreach (var (key, value) in metadata?.Fields ?? [])
            context[$"{Prefix}{field}.{key}"] = MessagePrinter.ToJson(value, s_oneLine);
    }
}
