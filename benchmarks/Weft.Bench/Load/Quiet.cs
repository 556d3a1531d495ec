using Weft.Net;

namespace Weft.Bench.Load;

/// <summary>A handler that minds nothing but what its heirs do.</summary>
internal abstract class Quiet : IConnectionHandler
{
    public virtual void OnConnected()
    {
    }

    public abstract void OnData(ReadOnlySpan<byte> data);

    public virtual void OnReadEnd()
    {
    }

    public virtual void OnClosed(CloseReason reason)
    {
    }

    public virtual void OnAboveHighWatermark()
    {
    }

    public virtual void OnBelowLowWatermark()
    {
    }
}
