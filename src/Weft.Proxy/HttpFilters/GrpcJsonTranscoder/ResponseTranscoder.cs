using System.Buffers;
using System.Buffers.Text;
using Weft.Base.Buffers;
using Weft.Http;
using Weft.Http.Grpc;
using Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Messages;

namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder;

/// <summary>A response on its way from gRPC to JSON: the text of its messages, an array of them for a stream. Pooled with its filter; one thread.</summary>
internal sealed class ResponseTranscoder(TranscoderConfig config)
{
    private readonly MessagePrinter _printer = new(config.Types, config.Print);
    private readonly GrpcFrames _frames = new(int.MaxValue);
    private TranscodedMethod _method = null!;
    private bool _anyMessage;

    /// <summary>What has been made of it and not been passed on.</summary>
    public ByteWriter Output { get; } = new(0);

    /// <summary>The content type of a body that is not JSON; empty before it has come.</summary>
    public byte[] ContentType { get; private set; } = [];

    /// <summary>Bytes of messages that are not whole.</summary>
    public int KeptBytes { get; private set; }

    public void Begin(TranscodedMethod method) => _method = method;

    /// <summary>Takes a piece of the body and prints the messages that are whole; false when it cannot be read.</summary>
    public bool TryTake(ReadOnlySpan<byte> piece)
    {
        _frames.Append(piece);
        KeptBytes += piece.Length;
        while (true)
        {
            var isTaken = _frames.TryTake(out var message);
            if (isTaken is null) return false;
            if (isTaken is false) return true;
            KeptBytes -= GrpcFrames.PrefixBytes + message.Length;
            if (_method.IsRawResponse ? !TryTakeRaw(message) : !TryPrint(message)) return false;
        }
    }

    /// <summary>All messages have come: closes the array of a stream.</summary>
    public void End()
    {
        if (!_method.IsServerStreaming || _method.IsRawResponse || config.Print.LineDelimited) return;
        Output.Write(_anyMessage ? "]"u8 : "[]"u8);
    }

    /// <summary>Prints the status of a call that failed, as a google.rpc.Status: that which came, else one of code and message. False when it cannot be.</summary>
    public bool TryPrintStatus(int status, HeaderMap trailers)
    {
        var message = new ByteWriter();
        if (trailers.IndexOf(GrpcHeaders.StatusDetails) is >= 0 and var at)
        {
            if (!TryDecodeBase64(trailers.ValueAt(at), message)) return false;
        }
        else
        {
            WireFormat.WriteTag(message, 1, WireFormat.Varint);
            WireFormat.WriteVarint(message, (ulong)(uint)status);
            WireFormat.WriteTag(message, 2, WireFormat.Bytes);
            var start = message.Length;
            Paths.PercentText.Decode(trailers.Get(KnownHeader.GrpcMessage), Envoy.Extensions.Filters.Http.GrpcJsonTranscoder.V3.GrpcJsonTranscoder.Types.UrlUnescapeSpec.AllCharacters, plusIsSpace: false, message);
            WireFormat.PrefixLength(message, start);
        }

        return _printer.TryPrint(Google.Rpc.Status.Descriptor, message.Written, Output);
    }

    public void Reset()
    {
        _frames.Clear();
        Output.Clear();
        ContentType = [];
        KeptBytes = 0;
        _anyMessage = false;
    }

    private bool TryPrint(ReadOnlySpan<byte> message)
    {
        if (_method.IsServerStreaming && !config.Print.LineDelimited) Output.Write(_anyMessage ? (byte)',' : (byte)'[');
        _anyMessage = true;
        if (!_printer.TryPrint(_method.Output, message, Output)) return false;
        if (_method.IsServerStreaming && config.Print.LineDelimited) Output.Write((byte)'\n');
        return true;
    }

    /// <summary>The body of a google.api.HttpBody, wherever in the message that stands.</summary>
    private bool TryTakeRaw(ReadOnlySpan<byte> message)
    {
        foreach (var field in _method.ResponseBody)
        {
            if (!WireField.TryFind(message, field.FieldNumber, out var inner)) return false;
            message = inner.IsBytes ? inner.BytesOf(message) : default;
        }

        if (!WireField.TryFind(message, 1, out var type) || !WireField.TryFind(message, 2, out var data)) return false;
        if (!_anyMessage && type.IsBytes) ContentType = type.BytesOf(message).ToArray();
        _anyMessage = true;
        if (data.IsBytes) Output.Write(data.BytesOf(message));
        return true;
    }

    /// <summary>Binary headers may come without padding.</summary>
    private static bool TryDecodeBase64(ReadOnlySpan<byte> text, ByteWriter output)
    {
        text = text.TrimEnd((byte)'=');
        var padded = (text.Length + 3) / 4 * 4;
        var room = output.GetSpan(padded);
        text.CopyTo(room);
        room[text.Length..padded].Fill((byte)'=');
        if (Base64.DecodeFromUtf8InPlace(room[..padded], out var length) != OperationStatus.Done) return false;
        output.Advance(length);
        return true;
    }
}
