using System.Globalization;
using Envoy.Config.Listener.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Config;
using Weft.Xds;
using CollectionEntry = Xds.Core.V3.CollectionEntry;

namespace Weft.Proxy.XdsClient.Files;

/// <summary>One reading of a file in the format of a DiscoveryResponse, or of a collection: the update it stands for, or why it cannot be one. Main thread.</summary>
internal sealed class FileReading
{
    private FileReading(DiscoveryUpdate? update, string? fault) => (Update, Fault) = (update, fault);

    /// <summary>Null when the file as a whole cannot be used.</summary>
    public DiscoveryUpdate? Update { get; }

    /// <summary>Why the file cannot be used, with positions.</summary>
    public string? Fault { get; }

    /// <summary>Whether there was no file to read.</summary>
    public bool IsMissing { get; private init; }

    /// <summary>Reads a file; faults inside of one resource are that resource's, so that the others can be used.</summary>
    public static FileReading Of(string path, ReadOptions options)
    {
        var context = new ConfigContext();
        return Of(ConfigReader.Read<DiscoveryResponse>(path, null, options, context), context, options);
    }

    /// <summary>Reads a text; its name stands in the positions, and says whether it is JSON.</summary>
    public static FileReading OfText(string text, string name, ReadOptions options)
    {
        var context = new ConfigContext();
        return Of(ConfigReader.ReadText<DiscoveryResponse>(text, name, options, context), context, options);
    }

    /// <summary>Reads a file with a list of listeners, each in an entry of its own, in one resource (<see cref="Collections.FileLocator"/>).</summary>
    public static FileReading OfCollection(string path, ReadOptions options)
    {
        var context = new ConfigContext();
        var whole = ConfigReader.Read<Resource>(path, null, options, context);
        return Of(EntriesOf(whole, context), "resource.entries[", whole.Version, context, options, Entry);
    }

    private static FileReading Of(DiscoveryResponse response, ConfigContext context, ReadOptions options) =>
        Of(response.Resources, "resources[", response.VersionInfo, context, options, Resource);

    /// <param name="resources">What the file lists.</param>
    /// <param name="listPath">How paths of fields in one of them begin.</param>
    /// <param name="version">Of the file.</param>
    /// <param name="make">Makes the resource of one, with its faults.</param>
    private static FileReading Of<T>(
        IReadOnlyCollection<T> resources, string listPath, string version, ConfigContext context, ReadOptions options, Func<T, string, List<Finding>, ConfigContext, DiscoveredResource> make)
    {
        var ofFile = new List<Finding>();
        var ofResource = resources.Select(_ => new List<Finding>()).ToArray();
        foreach (var finding in context.Findings.All)
        {
            if (finding.Severity != Severity.Error)
                options.WarningFound?.Invoke("", finding);
            else if (IndexIn(finding.FieldPath, listPath) is { } index && index < ofResource.Length)
                ofResource[index].Add(finding);
            else
                ofFile.Add(finding);
        }

        if (ofFile.Count > 0)
            return new FileReading(null, string.Join("; ", ofFile)) { IsMissing = context.IsFileMissing };
        var made = resources.Select((resource, index) => make(resource, version, ofResource[index], context)).ToArray();
        return new FileReading(new DiscoveryUpdate(version, isDelta: false, made, []), null);
    }

    private static IReadOnlyCollection<CollectionEntry> EntriesOf(Resource whole, ConfigContext context)
    {
        var collection = context.Unpack(whole.Resource_);
        if (collection is ListenerCollection listeners)
            return listeners.Entries;
        if (!context.Findings.HasErrors)
            context.Error(whole, "resource", $"Invalid structure for collection type {collection?.Descriptor.FullName}");
        return [];
    }

    /// <summary>What an entry has beside an inline one is refused by name.</summary>
    private static DiscoveredResource Entry(CollectionEntry entry, string version, List<Finding> faults, ConfigContext context)
    {
        var inline = entry.InlineEntry ?? new CollectionEntry.Types.InlineEntry();
        return Resource(inline.Resource ?? new Any(), inline.Version.Length > 0 ? inline.Version : version, faults, context);
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

    private static int? IndexIn(string fieldPath, string listPath)
    {
        if (!fieldPath.StartsWith(listPath, StringComparison.Ordinal))
            return null;
        var end = fieldPath.IndexOf(']', StringComparison.Ordinal);
        return end > 0 && int.TryParse(fieldPath.AsSpan(listPath.Length, end - listPath.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;
    }
}
