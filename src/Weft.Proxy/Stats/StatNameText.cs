namespace Weft.Proxy.Stats;

/// <summary>Names of things as parts of statistics' names. Any thread.</summary>
internal static class StatNameText
{
    /// <summary>A colon would end a name in statsd: Envoy writes an underscore.</summary>
    public static string WithoutColons(string name) =>
        name.Replace("://", "_", StringComparison.Ordinal).Replace(":/", "_", StringComparison.Ordinal).Replace(':', '_');
}
