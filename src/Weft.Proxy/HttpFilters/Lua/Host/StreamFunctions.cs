using System.Buffers.Text;
using Weft.Base.Logging;
using Weft.Http;
using Weft.Net;
using Weft.Proxy.HttpFilters.Lua.Engine;

namespace Weft.Proxy.HttpFilters.Lua.Host;

/// <summary>What is known of the stream, and what else its handle can do.</summary>
internal static class StreamFunctions
{
    private static readonly Logger s_log = Logger.Get("lua");

    /// <summary>Stream, name of the method of the stream info.</summary>
    public static int Info(LuaRun run, LuaStack stack)
    {
        var info = run.Stream.Info;
        return stack.TextAt(2) switch
        {
            "protocol" => stack.Give(NameOf(info.Protocol)),
            "routeName" => stack.Give(run.Stream.Route?.Name ?? ""),
            "virtualClusterName" => stack.Give(info.VirtualClusterName ?? ""),
            "requestedServerName" => stack.Give(info.RequestedServerName ?? ""),
            "downstreamLocalAddress" => Give(stack, info.DownstreamLocalAddress),
            "downstreamDirectLocalAddress" => Give(stack, info.DownstreamDirectLocalAddress),
            "downstreamRemoteAddress" => Give(stack, info.DownstreamRemoteAddress),
            _ => Give(stack, info.DownstreamDirectRemoteAddress),
        };
    }

    public static int ClearRoute(LuaRun run, LuaStack stack)
    {
        if (run.IsRequest)
            run.Stream.ClearRouteCache();
        return stack.Nothing();
    }

    /// <summary>Stream, address, whether no other endpoint will do. Without a port nothing fits, as in Envoy.</summary>
    public static int OverrideHost(LuaRun run, LuaStack stack)
    {
        var address = stack.BytesAt(2);
        if (!IsAddress(address))
            return stack.Refuse("host is not a valid IP address");
        if (run.IsRequest)
            run.Stream.Info.OverrideHost.Set(address, stack.BoolAt(3));
        return stack.Nothing();
    }

    /// <summary>Stream, level, message.</summary>
    public static int Log(LuaRun run, LuaStack stack)
    {
        var level = (LogLevel)stack.IntegerAt(2);
        if (s_log.IsEnabled(level))
            s_log.Log(level, $"script log: {stack.TextAt(3)}");
        return stack.Nothing();
    }

    /// <summary>Stream, bytes.</summary>
    public static int Base64(LuaRun run, LuaStack stack)
    {
        var bytes = stack.BytesAt(2);
        var encoded = run.Scratch;
        encoded.Clear();
        System.Buffers.Text.Base64.EncodeToUtf8(bytes, encoded.GetSpan(System.Buffers.Text.Base64.GetMaxEncodedToUtf8Length(bytes.Length)), out _, out var written);
        encoded.Advance(written);
        return stack.Give(encoded.Written);
    }

    /// <summary>Of the wall clock, since 1970.</summary>
    public static int Microseconds(LuaRun run, LuaStack stack) => stack.Give((run.Worker.Loop.UtcNow - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);

    private static int Give(LuaStack stack, NetAddress address)
    {
        Span<byte> text = stackalloc byte[NetAddress.MaxTextBytes];
        return stack.Give(text[..address.Format(text, withPort: true)]);
    }

    private static string NameOf(HttpProtocol? protocol) => protocol switch
    {
        HttpProtocol.Http10 => "HTTP/1.0",
        HttpProtocol.Http2 => "HTTP/2",
        _ => "HTTP/1.1",
    };

    /// <summary>An IP address with or without a port; one of IPv6 stands in brackets before a port.</summary>
    private static bool IsAddress(ReadOnlySpan<byte> text)
    {
        if (NetAddress.TryParseIP(text, out _))
            return true;
        var colon = text.LastIndexOf((byte)':');
        if (colon <= 0 || !Utf8Parser.TryParse(text[(colon + 1)..], out ushort _, out var read) || read != text.Length - colon - 1)
            return false;
        var host = text[..colon];
        return NetAddress.TryParseIP(host is [(byte)'[', .., (byte)']'] ? host[1..^1] : host, out _);
    }
}
