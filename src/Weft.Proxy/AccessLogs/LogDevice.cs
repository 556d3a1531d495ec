namespace Weft.Proxy.AccessLogs;

/// <summary>What lines are written to. Flush thread.</summary>
internal abstract class LogDevice : IDisposable
{
    /// <summary>Writes, waiting if it must; returns the bytes written, fewer than given when the system refuses.</summary>
    public abstract int Write(ReadOnlySpan<byte> data);

    public abstract void Dispose();
}
