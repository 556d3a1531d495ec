namespace Weft.Proxy.Stats.Sinks.Statsd;

/// <summary>Where tags stand in a line, and how: statsd itself knows none, its descendants differ. Immutable.</summary>
internal sealed record StatsdTagFormat(string Start, string Assign, string Separator, bool IsBehindName)
{
    /// <summary><c>name:1|c|#tag:value,tag:value</c>.</summary>
    public static readonly StatsdTagFormat DogStatsd = new("|#", ":", ",", IsBehindName: false);

    /// <summary><c>name;tag=value;tag=value:1|c</c>.</summary>
    public static readonly StatsdTagFormat Graphite = new(";", "=", ";", IsBehindName: true);
}
