using Weft.Net;
using Weft.Proxy.Workers;

namespace Weft.Proxy.NetworkFilters;

/// <summary>A filter chain without filters: every connection is closed. Terminal; worker thread.</summary>
internal sealed class NoFilters : NetworkFilter
{
    public override NetworkFilterStatus OnNewConnection()
    {
        Connection.Info.ConnectionTerminationDetails = "no_filters";
        Connection.Close(CloseMode.Now);
        return NetworkFilterStatus.Stop;
    }

    public override NetworkFilterStatus OnData(ReadOnlySpan<byte> data, bool endStream) => NetworkFilterStatus.Stop;
}

/// <summary>Makes them.</summary>
internal sealed class NoFiltersFactory : NetworkFilterFactory
{
    public override bool IsTerminal => true;

    public override NetworkFilter Create(Worker worker) => new NoFilters();
}
