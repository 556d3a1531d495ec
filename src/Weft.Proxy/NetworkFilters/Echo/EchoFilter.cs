using Weft.Net;

namespace Weft.Proxy.NetworkFilters.Echo;

/// <summary>envoy.filters.network.echo: sends back what it receives. Terminal; worker thread.</summary>
internal sealed class EchoFilter : NetworkFilter
{
    public override NetworkFilterStatus OnData(ReadOnlySpan<byte> data, bool endStream)
    {
        Connection.Socket.Write(data);
        if (endStream)
            Connection.Close(CloseMode.Flush);
        return NetworkFilterStatus.Stop;
    }

    public override void OnAboveHighWatermark() => Connection.Socket.PauseReading();

    public override void OnBelowLowWatermark() => Connection.Socket.ResumeReading();
}

/// <summary>Makes echo filters.</summary>
internal sealed class EchoFactory : NetworkFilterFactory
{
    public override bool IsTerminal => true;

    public override NetworkFilter Create(Workers.Worker worker) => new EchoFilter();
}
