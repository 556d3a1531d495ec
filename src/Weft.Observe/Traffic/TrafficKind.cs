namespace Weft.Observe.Traffic;

/// <summary>What requests are counted by.</summary>
internal enum TrafficKind : byte { Listener, Route, Cluster }

/// <summary>A row of the live table.</summary>
/// <param name="Proxy">Where it was counted: the address that is scraped, or the node that sent access logs.</param>
/// <param name="Name">Of the connection manager (its stat_prefix), the route (with its virtual host), or the cluster.</param>
internal readonly record struct TrafficKey(string Proxy, TrafficKind Kind, string Name);
