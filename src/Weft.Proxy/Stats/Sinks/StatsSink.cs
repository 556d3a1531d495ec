using Weft.Proxy.Admin;

namespace Weft.Proxy.Stats.Sinks;

/// <summary>One configured receiver of statistics (Bootstrap.stats_sinks). Main thread.</summary>
public abstract class StatsSink
{
    /// <summary>Sends what there is. Never blocks and never throws for what the receiver does: what it does not take is lost.</summary>
    /// <param name="snapshot">Valid during the call.</param>
    public abstract void Flush(MetricsSnapshot snapshot);

    /// <summary>Paths of the admin interface that the sink brings.</summary>
    public virtual IEnumerable<AdminEndpoint> Endpoints => [];

    /// <summary>The proxy ends.</summary>
    public virtual void Close()
    {
    }
}
