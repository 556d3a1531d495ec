using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Routing;
using Message = Envoy.Extensions.Filters.Network.DirectResponse.V3.Config;

namespace Weft.Proxy.NetworkFilters.DirectResponse;

/// <summary>envoy.filters.network.direct_response: says one thing and closes. Terminal; worker thread.</summary>
internal sealed class DirectResponseFilter(byte[] response) : NetworkFilter
{
    public override NetworkFilterStatus OnNewConnection()
    {
        Connection.Info.ResponseCodeDetails = "direct_response";
        // In clear text there is nothing to wait for; a handshake must be done before anything can be said.
        if (Connection.Socket.Transport is null)
            Answer();
        else
            Connection.Socket.WhenSecured = Answer;
        return NetworkFilterStatus.Stop;
    }

    public override NetworkFilterStatus OnData(ReadOnlySpan<byte> data, bool endStream) => NetworkFilterStatus.Stop;

    private void Answer()
    {
        Connection.Socket.Write(response);
        Connection.Close(CloseMode.Flush);
    }
}

/// <summary>Makes direct_response filters.</summary>
internal sealed class DirectResponseFactory(byte[] response) : NetworkFilterFactory
{
    public override bool IsTerminal => true;

    /// <summary>Null, with a finding, when the response cannot be read.</summary>
    public static DirectResponseFactory? Create(Message config, FactoryContext context)
    {
        var response = config.Response is null ? [] : DataSourceReader.Read(config.Response, long.MaxValue, context.Config);
        return response is null ? null : new DirectResponseFactory(response);
    }

    public override NetworkFilter Create(Workers.Worker worker) => new DirectResponseFilter(response);
}
