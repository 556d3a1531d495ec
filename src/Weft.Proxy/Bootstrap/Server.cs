using Weft.Config;

namespace Weft.Proxy.Bootstrap;

/// <summary>The composition root of a proxy.</summary>
public sealed class Server : IDisposable
{
    /// <summary>Reads the configuration and builds everything; null when it cannot be used.</summary>
    public static Server? Create(ServerOptions options, out Findings findings) => throw new NotImplementedException();

    /// <summary>Serves on the calling thread until stopped; the exit code.</summary>
    public int Run() => throw new NotImplementedException();

    /// <summary>Begins a graceful stop. Any thread.</summary>
    public void Stop() => throw new NotImplementedException();

    public void ReopenLogs() => throw new NotImplementedException();

    public void Dispose()
    {
    }
}
