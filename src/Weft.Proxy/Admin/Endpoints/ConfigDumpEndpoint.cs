using System.Text.RegularExpressions;
using Envoy.Admin.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Weft.Proxy.Admin.Endpoints;

/// <summary>
/// <c>/config_dump</c>: the configuration in force, sensitive fields redacted. <c>resource</c> picks one repeated field, <c>mask</c> trims, <c>name_regex</c>
/// picks by name, <c>include_eds</c> adds endpoints.
/// </summary>
internal sealed class ConfigDumpEndpoint : AdminEndpoint
{
    private readonly AdminContext _context;

    public ConfigDumpEndpoint(AdminContext context)
        : base("/config_dump", "dump current Envoy configs (experimental)")
    {
        _context = context;
        Parameters =
        [
            new("resource", "The resource to dump"),
            new("mask", "The mask to apply. When both resource and mask are specified, the mask is applied to every element in the desired repeated field so that only a subset of fields are returned. The mask is parsed as a Protobuf::FieldMask"),
            new("name_regex", "Dump only the currently loaded configurations whose names match the specified regex. Can be used with both resource and mask query parameters."),
            new("include_eds", "Dump currently loaded configuration including EDS. See the response definition for more information", IsFlag: true),
        ];
    }

    public override void Handle(AdminRequest request, AdminResponse response)
    {
        Regex? names = null;
        if (request.Query.FindNonEmpty("name_regex") is { } pattern && !TryCompile(pattern, out names))
        {
            response.Answer(400, $"INVALID_ARGUMENT: Error while parsing name_regex from {pattern}");
            return;
        }
        var sections = ConfigDumpSections.Make(_context, names, request.Query.Has("include_eds"));
        var mask = request.Query.FindNonEmpty("mask");
        var resource = request.Query.FindNonEmpty("resource");
        var configs = resource is null ? All(sections, mask, response) : One(sections, resource, mask, response);
        if (configs is null)
            return;
        var dump = new ConfigDump();
        dump.Configs.AddRange(configs.Select(config => Any.Pack(config)));
        AdminJson.Answer(response, dump, withDefaults: false);
    }

    private static List<IMessage>? All(IReadOnlyList<IMessage> sections, string? mask, AdminResponse response)
    {
        if (mask is null)
            return [.. sections];
        // Sections are of different types: those that a mask does not fit are left out.
        var trimmed = sections.Select(section => ConfigDumpMask.Trim(section, mask)).OfType<IMessage>().ToList();
        if (trimmed.Count > 0)
            return trimmed;
        response.Answer(400, $"FieldMask {mask} could not be successfully applied to any configs.");
        return null;
    }

    private static List<IMessage>? One(IReadOnlyList<IMessage> sections, string resource, string? mask, AdminResponse response)
    {
        foreach (var section in sections)
        {
            if (section.Descriptor.FindFieldByName(resource) is not { } field)
                continue;
            if (!field.IsRepeated)
            {
                response.Answer(400, $"{resource} is not a repeated field. Use ?mask={resource} to get only this field");
                return null;
            }
            var elements = ((System.Collections.IEnumerable)field.Accessor.GetValue(section)).OfType<IMessage>();
            var result = elements.Select(element => mask is null ? element : ConfigDumpMask.TrimResource(element, mask)).ToList();
            if (!result.Contains(null))
                return [.. result.OfType<IMessage>()];
            response.Answer(400, $"FieldMask {ConfigDumpMask.DebugText(mask!)} could not be successfully used.");
            return null;
        }
        response.Answer(404, $"{resource} not found in config dump");
        return null;
    }

    private static bool TryCompile(string pattern, out Regex? regex)
    {
        try
        {
            regex = new Regex($"^(?:{pattern})$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            regex = null;
            return false;
        }
    }
}
