namespace Weft.Proxy.Listeners;

/// <summary>The open connections of a listener on one worker, the newest first; one may leave while they are walked. Worker thread.</summary>
internal sealed class OpenConnections
{
    /// <summary>The newest; null when there is none.</summary>
    public DownstreamConnection? First { get; private set; }

    public void Add(DownstreamConnection connection)
    {
        (connection.Previous, connection.Following) = (null, First);
        if (First is not null)
            First.Previous = connection;
        First = connection;
    }

    public void Remove(DownstreamConnection connection)
    {
        if (connection.Previous is not null)
            connection.Previous.Following = connection.Following;
        else
            First = connection.Following;
        if (connection.Following is not null)
            connection.Following.Previous = connection.Previous;
    }

    public Enumerator GetEnumerator() => new(First);

    /// <summary>Has the next connection in hand before the current one may leave.</summary>
    public struct Enumerator(DownstreamConnection? first)
    {
        private DownstreamConnection? _next = first;

        public DownstreamConnection Current { get; private set; } = null!;

        public bool MoveNext()
        {
            if (_next is null)
                return false;
            (Current, _next) = (_next, _next.Following);
            return true;
        }
    }
}
