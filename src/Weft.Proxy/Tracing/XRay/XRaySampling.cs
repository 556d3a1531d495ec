using System.Text.Json;
using Weft.Base;
using Weft.Http;

namespace Weft.Proxy.Tracing.XRay;

/// <summary>
/// Which requests X-Ray traces: by the first rule that fits, so many a second and a share of the others. Source: X-Ray's sampling rule manifest,
/// version 2. Shared by all workers.
/// </summary>
internal sealed class XRaySampling
{
    private const int Version = 2;

    private readonly XRayRule[] _rules;

    private XRaySampling(XRayRule[] rules) => _rules = rules;

    /// <summary>Without a manifest, or when it is faulty, the default rule holds.</summary>
    /// <param name="manifest">JSON; empty for none.</param>
    /// <param name="fault">What is wrong; null when nothing is.</param>
    public static XRaySampling Parse(string manifest, out string? fault)
    {
        var rules = new List<XRayRule>();
        fault = null;
        try
        {
            fault = manifest.Length == 0 ? null : Read(manifest, rules);
        }
        catch (JsonException)
        {
            fault = "invalid JSON format";
        }

        return new XRaySampling(fault is null && rules.Count > 0 ? [.. rules] : [XRayRule.Default]);
    }

    /// <summary>Decides about a request. Any worker.</summary>
    /// <param name="headers">Of the request.</param>
    /// <param name="now">The time.</param>
    /// <param name="random">The worker's.</param>
    public bool ShouldTrace(HeaderMap headers, DateTime now, RandomSource random)
    {
        foreach (var rule in _rules)
        {
            if (rule.Fits(headers))
                return rule.TryTake(now) || random.Next() % 100 < 100 * rule.Rate;
        }

        return false;
    }

    /// <summary>The fault, or null. The default rule comes last.</summary>
    private static string? Read(string manifest, List<XRayRule> rules)
    {
        using var document = JsonDocument.Parse(manifest);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("version", out var version))
            return "missing version number";
        if (version.ValueKind != JsonValueKind.Number || !version.TryGetDouble(out var number) || number != Version)
            return "wrong version number";
        if (!root.TryGetProperty("default", out var last) || last.ValueKind != JsonValueKind.Object)
            return "missing default rule";
        if (root.TryGetProperty("rules", out var list))
        {
            if (list.ValueKind != JsonValueKind.Array)
                return "rules must be JSON array";
            foreach (var element in list.EnumerateArray())
            {
                if (Add(element, rules) is { } fault)
                    return fault;
            }
        }

        return Add(last, rules);
    }

    private static string? Add(JsonElement element, List<XRayRule> rules)
    {
        if (element.ValueKind != JsonValueKind.Object)
            return "rules array must be objects";
        if (!TryGetText(element, "host", out var host))
            return "host must be a string";
        if (!TryGetText(element, "http_method", out var method))
            return "HTTP method must be a string";
        if (!TryGetText(element, "url_path", out var path))
            return "URL path must be a string";
        if (!element.TryGetProperty("fixed_target", out var target) || target.ValueKind != JsonValueKind.Number || !target.TryGetUInt32(out var perSecond))
            return "fixed target is missing or not a valid positive integer";
        if (!element.TryGetProperty("rate", out var rate) || rate.ValueKind != JsonValueKind.Number || rate.GetDouble() is not (>= 0 and <= 1 and var share))
            return "rate is missing or not a valid positive floating number";
        rules.Add(new XRayRule(host, method, path, perSecond, share));
        return null;
    }

    private static bool TryGetText(JsonElement element, string name, out string text)
    {
        text = "*";
        if (!element.TryGetProperty(name, out var value))
            return true;
        text = value.ValueKind == JsonValueKind.String ? value.GetString()! : text;
        return value.ValueKind == JsonValueKind.String;
    }
}
