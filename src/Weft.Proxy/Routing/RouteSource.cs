namespace Weft.Proxy.Routing;

/// <summary>Where a connection manager finds its routes: one table for ever, or the newest that was discovered.</summary>
internal class RouteSource(RouteTable? table)
{
    private RouteTable? _current = table;

    /// <summary>Null: there are no routes (yet). Any thread; a request sees a new table as soon as it is set.</summary>
    public RouteTable? Current
    {
        get => Volatile.Read(ref _current);
        protected set => Volatile.Write(ref _current, value);
    }
}
