using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Weft.Config;
using Weft.Config.Syntax;
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
        foreach (var file in Directory.Exists(path) ? FilesOf(path) : [path])
            ReadFile(file, usesAds, findings, resources);
        CheckNames(path, resources, findings);
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

    private static void CheckNames(string path, List<IMessage> resources, Findings findings)
    {
        foreach (var twice in resources.Select(NamedResource.Of).GroupBy(static resource => (resource!.Value.Type, resource.Value.Name)).Where(static group => group.Count() > 1))
            findings.Add(new Finding(Severity.Error, new SourcePosition(path, 0, 0), "", $"{twice.Key.Type}: the name '{twice.Key.Name}' stands twice"));
    }
}
