using System.Text;
using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.Streams;

namespace Weft.Proxy.HttpFilters.StatefulSession;

/// <summary>Keeps a client at the endpoint that served it first: the client carries that endpoint's address, and the balancer is told it.</summary>
internal sealed class StatefulSessionFilter(StatefulSessionConfig config) : HttpFilter
{
    private readonly ByteWriter _address = new(64);
    private StatefulSessionConfig? _settings;
    private SessionState? _state;

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        var settings = _settings = Stream.RouteConfig(this) as StatefulSessionConfig ?? config;
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
        // A filter before this one may have answered.
        if (_settings is not { } settings)
            return FilterStatus.Continue;
        if (Stream.Info.UpstreamEndpoint is not { } endpoint)
        {
            if (_address.Length > 0 && settings.IsStrict && (Stream.Info.ResponseFlags & ResponseFlags.NoHealthyUpstream) != 0)
                settings.Stats?.FailedClosed.Inc();
            return FilterStatus.Continue;
        }

        Span<byte> address = stackalloc byte[256];
        if (!Encoding.UTF8.TryGetBytes(endpoint.AddressText, address, out var length))
            return FilterStatus.Continue;
        var isWished = _address.Written.SequenceEqual(address[..length]);
        if (!isWished)
            _state?.Write(address[..length], Stream.Worker.Loop.UtcNow, headers);
        if (settings.Stats is { } stats)
            Count(stats, isWished, settings.IsStrict);
        return FilterStatus.Continue;
    }

    public override void OnReset()
    {
        _settings = null;
        _state = null;
        _address.Clear();
    }

    private void Count(StatefulSessionStats stats, bool isWished, bool isStrict)
    {
        if (_address.Length == 0)
            stats.NoSession.Inc();
        else if (isWished)
            stats.Routed.Inc();
        else if (!isStrict)
            stats.FailedOpen.Inc();
    }
}
