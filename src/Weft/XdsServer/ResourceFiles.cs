using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Weft.Config;
using Weft.Config.Syntax;
using Weft.Xds;
using Weft.Xds.Server;

namespace Weft.XdsServer;

/// <summary>Reads what is to be served: one file, or all of a folder; in the short form or as plain Envoy resources. All faults in one run.</summary>
internal static class ResourceFiles
{
    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];

    /// <summary>The resources; use them only when the findings have no errors.</summary>
    public static IReadOnlyList<IMessage> Read(string path, bool usesAds, Findings findings)
    {
        var resources = new List<IMessage>();
        var files = new List<string>();
        foreach (var file in Directory.Exists(path) ? FilesOf(path) : [path])
        {
            ReadFile(file, usesAds, findings, resources);
            files.AddRange(Enumerable.Repeat(file, resources.Count - files.Count));
        }

        CheckNames(resources, files, findings);
        return resources;
    }

    private static IEnumerable<string> FilesOf(string folder) =>
        Directory.EnumerateFiles(folder).Where(file => Extensions.Contains(Path.GetExtension(file).ToLowerInvariant())).Order(StringComparer.Ordinal);

    private static void ReadFile(string file, bool usesAds, Findings findings, List<IMessage> resources)
    {
        try
        {
            var text = File.ReadAllText(file);
            var root = file.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? JsonReader.Read(text, file) : YamlReader.Read(text, file, out _);
            if (root is MappingNode mapping && mapping.Find("spec") is not null)
                resources.AddRange(new ShortTranslator(usesAds).Translate(new ShortReader(findings).Read(mapping)));
            else
                ReadEnvoy(text, file, findings, resources);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            findings.Add(new Finding(Severity.Error, new SourcePosition(file, 0, 0), "", e.Message));
        }
        catch (SyntaxFault fault)
        {
            findings.Add(new Finding(Severity.Error, fault.Position, "", fault.Message));
        }
    }

    /// <summary>The format of a DiscoveryResponse. What Weft's proxy does not implement is served all the same: clients may be others.</summary>
    private static void ReadEnvoy(string text, string file, Findings findings, List<IMessage> resources)
    {
        var context = new ConfigContext();
        var response = ConfigReader.ReadText<DiscoveryResponse>(text, file, new ReadOptions { AllowUnimplemented = true }, context);
        foreach (var body in response.Resources)
        {
            if (context.Unpack(body) is not { } message)
                continue;
            if (NamedResource.Of(message) is not null)
                resources.Add(message);
            else
                context.Error(body, null, $"{message.Descriptor.FullName} is no resource that is discovered, or lacks a name");
        }

        foreach (var error in context.Findings.Errors)
            findings.Add(error);
    }

    /// <param name="files">Of each resource, the file that it stands in.</param>
    private static void CheckNames(List<IMessage> resources, List<string> files, Findings findings)
    {
        var first = new Dictionary<(ResourceType Type, string Name), string>();
        foreach (var (resource, file) in resources.Zip(files))
        {
            // That a name is missing has been said.
            if (NamedResource.Of(resource) is { } named && !first.TryAdd((named.Type, named.Name), file))
                findings.Add(new Finding(Severity.Error, new SourcePosition(file, 0, 0), "", $"{named.Type}: the name '{named.Name}' stands twice, first in {first[(named.Type, named.Name)]}"));
        }
    }
}
