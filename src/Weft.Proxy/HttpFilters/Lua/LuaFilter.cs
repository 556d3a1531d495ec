using Google.Protobuf.WellKnownTypes;
using Weft.Base.Buffers;
using Weft.Base.Logging;
using Weft.Http;
using Weft.Proxy.HttpFilters.Lua.Engine;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.Lua;

/// <summary>Runs a script's functions for requests and responses, each as a coroutine. Pooled; worker thread.</summary>
internal sealed class LuaFilter : HttpFilter
{
    private static readonly Logger s_log = Logger.Get("lua");

    private readonly LuaRun _request;
    private readonly LuaRun _response;

    public LuaFilter(LuaFilterFactory factory, Worker worker)
    {
        (Factory, Worker) = (factory, worker);
        _request = new LuaRun(this, isRequest: true);
        _response = new LuaRun(this, isRequest: false);
    }

    public LuaFilterFactory Factory { get; }

    public Worker Worker { get; }

    /// <summary>Room for host functions.</summary>
    public ByteWriter Scratch { get; } = new(0);

    /// <summary>What the route says to the script; null when nothing.</summary>
    public Struct? FilterContext => (Stream.RouteConfig(this) as LuaRouteConfig)?.Context;

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream) => _request.OnHead(ScriptOfRoute(), headers, endStream);

    public override FilterStatus OnRequestData(ref BodyChunk chunk) => _request.OnData(ref chunk);

    public override FilterStatus OnRequestTrailers(HeaderMap trailers) => _request.OnTrailers(trailers);

    public override FilterStatus OnResponseHeaders(HeaderMap headers, bool endStream) => _response.OnHead(ScriptOfRoute(), headers, endStream);

    public override FilterStatus OnResponseData(ref BodyChunk chunk) => _response.OnData(ref chunk);

    public override FilterStatus OnResponseTrailers(HeaderMap trailers) => _response.OnTrailers(trailers);

    public override void OnReset()
    {
        _request.Reset();
        _response.Reset();
    }

    /// <summary>A script failed; the message goes on as it is, as in Envoy.</summary>
    public void OnScriptError(string error)
    {
        Factory.Stats.Errors.Inc();
        if (s_log.IsEnabled(LogLevel.Error))
            s_log.Error($"script log: {error}");
    }

    private LuaScript? ScriptOfRoute() => Stream.RouteConfig(this) is LuaRouteConfig ofRoute ? ofRoute.ScriptFor(Factory) : Factory.Script;
}
