using System.Text;
using Weft.Base.Buffers;
using Weft.Http;

namespace Weft.Proxy.HttpFilters.StatefulSession;

/// <summary>Keeps a client at the endpoint that served it first: the client carries that endpoint's address, and the balancer is told it.</summary>
internal sealed class StatefulSessionFilter(StatefulSessionConfig config) : HttpFilter
{
    private readonly ByteWriter _address = new(64);
    private SessionState? _state;

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        var settings = Stream.RouteConfig(this) as StatefulSessionConfig ?? config;
        if (settings.State is not { } state || !state.AppliesTo(headers))
            return FilterStatus.Continue;
        _state = state;
        state.Read(headers, Stream.Worker.Loop.UtcNow, _address);
        if (_address.Length > 0)
            Stream.Info.OverrideHost.Set(_address.Written, settings.IsStrict);
        return FilterStatus.Continue;
    }

    public override FilterStatus OnResponseHeaders(HeaderMap headers, bool endStream)
    {
        if (_state is not { } state || Stream.Info.UpstreamEndpoint is not { } endpoint)
            return FilterStatus.Continue;
        Span<byte> address = stackalloc byte[256];
        if (Encoding.UTF8.TryGetBytes(endpoint.AddressText, address, out var length) && !_address.Written.SequenceEqual(address[..length]))
            state.Write(address[..length], Stream.Worker.Loop.UtcNow, headers);
        return FilterStatus.Continue;
    }

    public override void OnReset()
    {
        _state = null;
        _address.Clear();
    }
}
