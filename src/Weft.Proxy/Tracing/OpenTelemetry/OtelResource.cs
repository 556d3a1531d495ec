using System.Text;
using Envoy.Config.Core.V3;
using Envoy.Extensions.Tracers.Opentelemetry.ResourceDetectors.V3;
using Weft.Base.Buffers;
using Weft.Config;
using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.Tracing.OpenTelemetry;

/// <summary>The resource that spans and metrics are of: the service, this program, and what resource_detectors add, each over those before it. Main thread.</summary>
internal static class OtelResource
{
    private const string Variable = "OTEL_RESOURCE_ATTRIBUTES";
    private const int Attributes = 1;

    /// <summary>The resource as the wire has it; faults are reported.</summary>
    /// <param name="serviceName">"": only detectors tell it.</param>
    /// <param name="detectors">In their order.</param>
    /// <param name="context">Takes faults.</param>
    public static byte[] Create(string serviceName, IEnumerable<TypedExtensionConfig> detectors, ConfigContext context)
    {
        var attributes = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["telemetry.sdk.language"] = "dotnet",
            ["telemetry.sdk.name"] = "weft",
            ["telemetry.sdk.version"] = VersionInfo.Number,
        };
        if (serviceName.Length > 0)
            attributes["service.name"] = serviceName;
        foreach (var detector in detectors)
            Detect(detector, attributes, context);
        var resource = new ByteWriter();
        foreach (var (key, value) in attributes)
            OtelSpanWriter.WriteAttribute(resource, Attributes, Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value));
        return resource.Written.ToArray();
    }

    private static void Detect(TypedExtensionConfig detector, SortedDictionary<string, string> attributes, ConfigContext context)
    {
        switch (context.Unpack(detector.TypedConfig))
        {
            case StaticConfigResourceDetectorConfig config:
                Add(config.Attributes, attributes, detector, context);
                break;
            case EnvironmentResourceDetectorConfig:
                Read(Environment.GetEnvironmentVariable(Variable) ?? "", attributes, detector, context);
                break;
            default:
                context.Error(detector, "typed_config", $"Resource detector factory not found: '{detector.Name}'");
                break;
        }
    }

    private static void Add(IEnumerable<KeyValuePair<string, string>> found, SortedDictionary<string, string> attributes, TypedExtensionConfig detector, ConfigContext context)
    {
        foreach (var (key, value) in found)
        {
            if (value.Length > 0)
                attributes[key] = value;
            else
                context.Warning(detector, "typed_config", $"Attribute {key} cannot be empty.");
        }
    }

    /// <summary><c>key=value,key=value</c>.</summary>
    private static void Read(string text, SortedDictionary<string, string> attributes, TypedExtensionConfig detector, ConfigContext context)
    {
        foreach (var pair in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (pair.Split('=', StringSplitOptions.RemoveEmptyEntries) is [var key, var value])
                attributes[key] = value;
            else
                context.Warning(detector, "typed_config", $"Invalid resource format from the environment, invalid text: {pair}.");
        }
    }
}
