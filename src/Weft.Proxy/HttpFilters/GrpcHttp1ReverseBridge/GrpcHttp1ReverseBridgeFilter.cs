using System.Buffers.Text;
using System.Text;
using Weft.Base.Buffers;
using Weft.Http;
using Weft.Http.Grpc;
using Weft.Proxy.NetworkFilters.HttpConnectionManager.LocalReplies;
using Weft.Proxy.Routing;

namespace Weft.Proxy.HttpFilters.GrpcHttp1ReverseBridge;

/// <summary>
/// Servers of plain HTTP know neither the frames of gRPC nor its trailers: a call goes to them as an ordinary POST, and their answer gets the frame
/// and, in trailers, the status that a client of gRPC expects.
/// </summary>
internal sealed class GrpcHttp1ReverseBridgeFilter(GrpcHttp1ReverseBridgeFilterFactory config) : HttpFilter
{
    private const int Unknown = 2;
    private const int Internal = 13;

    private readonly ByteWriter _contentType = new(0);
    private readonly ByteWriter _message = new(0);
    private readonly HeaderMap _trailers = new();
    private bool _bridges;
    private bool _prefixStripped;
    private bool _prefixWritten;
    private long _announcedBytes;
    private long _receivedBytes;
    private int _status;

    /// <summary>The response's message is collected, because nothing says how long it is.</summary>
    private bool Collects => config.WithholdsFrames && config.SizeHeader is null;

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        if (endStream || Stream.RouteConfig(this) is ReverseBridgeRouteConfig { IsDisabled: true } || !GrpcRequest.Is(headers))
            return FilterStatus.Continue;
        _bridges = true;
        _contentType.Write(headers.Get(KnownHeader.ContentType));
        headers.Set(KnownHeader.ContentType, config.ContentType);
        headers.Set(KnownHeader.Accept, config.ContentType);
        if (config.WithholdsFrames)
            AdjustLength(headers, -GrpcPrefix.Bytes);
        Stream.ClearRouteCache();
        return FilterStatus.Continue;
    }

    public override FilterStatus OnRequestData(ref BodyChunk chunk)
    {
        if (!_bridges || !config.WithholdsFrames || _prefixStripped)
            return FilterStatus.Continue;
        _message.Write(chunk.Bytes);
        if (_message.Length < GrpcPrefix.Bytes)
        {
            chunk.Bytes = default;
            return chunk.EndStream ? Refuse("invalid request body", Unknown, "grpc_bridge_data_too_small") : FilterStatus.Continue;
        }

        _prefixStripped = true;
        chunk.Bytes = _message.Written[GrpcPrefix.Bytes..];
        return FilterStatus.Continue;
    }

    public override FilterStatus OnResponseHeaders(HeaderMap headers, bool endStream)
    {
        if (!_bridges)
            return FilterStatus.Continue;
        if (!headers.Get(KnownHeader.ContentType).SequenceEqual(config.ContentType))
            return Refuse(WrongTypeText(headers), Unknown, "grpc_bridge_content_type_wrong");
        if (config.WithholdsFrames && !TakeSize(headers))
            return Refuse("envoy reverse bridge: upstream did not set content length", Internal, "grpc_bridge_content_length_missing");

        _message.Clear();
        _status = headers.Status == 200 ? 0 : GrpcReply.StatusOf(headers.Status);
        headers.Set(KnownHeader.ContentType, _contentType.Written);
        headers.Set(KnownHeader.Status, "200"u8);
        if (!endStream || !config.WithholdsFrames)
            return FilterStatus.Continue;
        headers.Set(KnownHeader.ContentLength, GrpcPrefix.Bytes);
        End();
        return FilterStatus.Continue;
    }

    public override FilterStatus OnResponseData(ref BodyChunk chunk)
    {
        if (!_bridges)
            return FilterStatus.Continue;
        _receivedBytes += chunk.Bytes.Length;
        if (Collects && _receivedBytes > Stream.BufferLimitBytes)
            return Refuse("envoy reverse bridge: response too large", Internal, "response_payload_too_large");
        if (!Collects)
            _message.Clear();
        WritePrefix();
        _message.Write(chunk.Bytes);
        if (!chunk.EndStream)
        {
            chunk.Bytes = Collects ? default : _message.Written;
            return FilterStatus.Continue;
        }

        if (config.SizeHeader is not null && config.WithholdsFrames && _receivedBytes != _announcedBytes)
            return Refuse("envoy reverse bridge: upstream set incorrect content length", Internal, "grpc_bridge_content_length_wrong");
        End();
        chunk.Bytes = default;
        chunk.EndStream = false;
        return FilterStatus.Continue;
    }

    public override FilterStatus OnResponseTrailers(HeaderMap trailers)
    {
        if (!_bridges)
            return FilterStatus.Continue;
        trailers.Set(KnownHeader.GrpcStatus, _status);
        if (Collects)
            Stream.InjectResponseData(this, Framed(), endStream: false);
        return FilterStatus.Continue;
    }

    public override void OnReset()
    {
        _contentType.Clear();
        _message.Clear();
        _trailers.Clear();
        _bridges = _prefixStripped = _prefixWritten = false;
        _announcedBytes = _receivedBytes = 0;
    }

    private static string WrongTypeText(HeaderMap headers)
    {
        var type = headers.Has(KnownHeader.ContentType) ? $"unsupported content-type {Encoding.UTF8.GetString(headers.Get(KnownHeader.ContentType))}" : "no content-type header";
        return $"envoy reverse bridge: upstream responded with {type}, status code {headers.Status}";
    }

    private static void AdjustLength(HeaderMap headers, int change)
    {
        var text = headers.Get(KnownHeader.ContentLength);
        if (Utf8Parser.TryParse(text, out long length, out var read) && read == text.Length && length + change >= 0 && length > 0)
            headers.Set(KnownHeader.ContentLength, length + change);
    }

    /// <summary>Sets the content-length to what it will be behind the frame's header; false when nobody says what it is.</summary>
    private bool TakeSize(HeaderMap headers)
    {
        if (config.SizeHeader is not { } name)
        {
            AdjustLength(headers, GrpcPrefix.Bytes);
            return true;
        }

        var at = headers.IndexOf(name);
        if (at < 0 || !Utf8Parser.TryParse(headers.ValueAt(at), out _announcedBytes, out _) || _announcedBytes is < 0 or > uint.MaxValue)
            return false;
        headers.Set(KnownHeader.ContentLength, _announcedBytes + GrpcPrefix.Bytes);
        return true;
    }

    /// <summary>The frame's header, in front of a message whose length is known.</summary>
    private void WritePrefix()
    {
        if (_prefixWritten || !config.WithholdsFrames || Collects)
            return;
        _prefixWritten = true;
        GrpcPrefix.Write(_message.GetSpan(GrpcPrefix.Bytes), flags: 0, (int)_announcedBytes);
        _message.Advance(GrpcPrefix.Bytes);
    }

    /// <summary>The collected message behind the header of its frame.</summary>
    private ReadOnlySpan<byte> Framed()
    {
        var length = _message.Length;
        _message.Clear();
        var room = _message.GetSpan(length + GrpcPrefix.Bytes);
        room[..length].CopyTo(room[GrpcPrefix.Bytes..]);
        GrpcPrefix.Write(room, flags: 0, length);
        _message.Advance(length + GrpcPrefix.Bytes);
        return _message.Written;
    }

    /// <summary>What is left of the body, and the status behind it.</summary>
    private void End()
    {
        var rest = Collects ? Framed() : _message.Written;
        if (!rest.IsEmpty)
            Stream.InjectResponseData(this, rest, endStream: false);
        _trailers.Set(KnownHeader.GrpcStatus, _status);
        Stream.InjectResponseTrailers(this, _trailers);
    }

    private FilterStatus Refuse(string text, int status, string details)
    {
        _bridges = false;
        // By its content type the client is known as one of gRPC.
        Stream.RequestHeaders.Set(KnownHeader.ContentType, _contentType.Written);
        Stream.LocalReplyHeaders.Set(KnownHeader.GrpcStatus, status);
        Stream.SendLocalReply(200, Encoding.UTF8.GetBytes(text), details);
        return FilterStatus.Ended;
    }
}
