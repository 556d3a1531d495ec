using System.Globalization;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Config;
using Weft.Xds;

namespace Weft.Proxy.XdsClient.Files;

/// <summary>One reading of a file in the format of a DiscoveryResponse: the update it stands for, or why it cannot be one. Main thread.</summary>
internal sealed class FileReading
{
    private const string ResourcePath = "resources[";

    private FileReading(DiscoveryUpdate? update, string? fault) => (Update, Fault) = (update, fault);

    /// <summary>Null when the file as a whole cannot be used.</summary>
    public DiscoveryUpdate? Update { get; }

    /// <summary>Why the file cannot be used, with positions.</summary>
    public string? Fault { get; }

    /// <summary>Reads a file; faults inside of one resource are that resource's, so that the others can be used.</summary>
    public static FileReading Of(string path, ReadOptions options, Action<Finding> onWarning)
    {
        var context = new ConfigContext();
        return Of(ConfigReader.Read<DiscoveryResponse>(path, null, options, context), context, onWarning);
    }

    /// <summary>Reads a text; its name stands in the positions, and says whether it is JSON.</summary>
    public static FileReading OfText(string text, string name, ReadOptions options, Action<Finding> onWarning)
    {
        var context = new ConfigContext();
        return Of(ConfigReader.ReadText<DiscoveryResponse>(text, name, options, context), context, onWarning);
    }

    private static FileReading Of(DiscoveryResponse response, ConfigContext context, Action<Finding> onWarning)
    {
        var ofFile = new List<Finding>();
        var ofResource = response.Resources.Select(_ => new List<Finding>()).ToArray();
        foreach (var finding in context.Findings.All)
        {
            if (finding.Severity != Severity.Error)
                onWarning(finding);
            else if (IndexIn(finding.FieldPath) is { } index && index < ofResource.Length)
                ofResource[index].Add(finding);
            else
                ofFile.Add(finding);
        }

        if (ofFile.Count > 0)
            return new FileReading(null, string.Join("; ", ofFile));
        var resources = response.Resources.Select((body, index) => Resource(body, response.VersionInfo, ofResource[index], context)).ToArray();
        return new FileReading(new DiscoveryUpdate(response.VersionInfo, isDelta: false, resources, []), null);
    }

    private static DiscoveredResource Resource(Any body, string version, List<Finding> faults, ConfigContext context)
    {
        // Its faults are reported already.
        IMessage? message = body.TypeUrl.Length == 0 ? null : context.Unpack(body);
        if (message is Resource { Resource_: { } inner } wrapper)
        {
            if (wrapper.Version.Length > 0)
                version = wrapper.Version;
            (body, message) = (inner, context.Unpack(inner));
        }

        var name = message is null ? "" : ResourceType.Find(body.TypeUrl)?.NameOf(message) ?? "";
        return new DiscoveredResource(name, version, message, body, context.Origins, faults);
    }

    private static int? IndexIn(string fieldPath)
    {
        if (!fieldPath.StartsWith(ResourcePath, StringComparison.Ordinal))
            return null;
        var end = fieldPath.IndexOf(']', StringComparison.Ordinal);
        return end > 0 && int.TryParse(fieldPath.AsSpan(ResourcePath.Length, end - ResourcePath.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;
    }
}
