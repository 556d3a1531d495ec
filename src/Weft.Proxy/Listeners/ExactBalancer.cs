namespace Weft.Proxy.Listeners;

/// <summary>
/// connection_balance_config.exact_balance: each connection goes to the worker that has the fewest, whichever accepted it. For few,
/// long-lived connections; it costs a lock per connection. Any thread.
/// </summary>
internal sealed class ExactBalancer(WorkerListener[] workers)
{
    private readonly Lock _lock = new();
    private readonly int[] _connections = new int[workers.Length];

    /// <summary>The worker that shall have the next connection, which is counted as its own from now on.</summary>
    public WorkerListener Assign()
    {
        lock (_lock)
        {
            var least = Array.IndexOf(_connections, _connections.Min());
            _connections[least]++;
            return workers[least];
        }
    }

    /// <summary>A connection of another listener goes on with that worker.</summary>
    public void Adopt(WorkerListener worker)
    {
        lock (_lock)
            _connections[Array.IndexOf(workers, worker)]++;
    }

    /// <summary>A connection of that worker is gone, or was refused.</summary>
    public void Release(WorkerListener worker)
    {
        lock (_lock)
            _connections[Array.IndexOf(workers, worker)]--;
    }
}
