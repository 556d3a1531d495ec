using Weft.Net;
using Weft.Proxy.Streams;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Listeners;

/// <summary>An accepted connection with its network filters. Worker thread.</summary>
public sealed class DownstreamConnection
{
    public Worker Worker => throw new NotImplementedException();

    /// <summary>The socket; filters write to it, pause and resume its reading, and close it through <see cref="Close"/>.</summary>
    public Connection Socket => throw new NotImplementedException();

    public StreamInfo Info => throw new NotImplementedException();

    /// <summary>Goes on after <see cref="NetworkFilters.NetworkFilterStatus.Stop"/> of a filter that is not terminal. Not from within its own callback.</summary>
    public void ContinueReading(NetworkFilters.NetworkFilter filter) => throw new NotImplementedException();

    /// <summary>Closes the connection; filters hear OnClosed (once, possibly from within this call).</summary>
    public void Close(CloseMode mode) => throw new NotImplementedException();
}
