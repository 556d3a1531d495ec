using System.Text;
using Google.Protobuf.Reflection;
using Weft.Base.Buffers;
using Weft.Http.Grpc;
using Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Json;
using Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Messages;
using Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Paths;
using UrlUnescapeSpec = Envoy.Extensions.Filters.Http.GrpcJsonTranscoder.V3.GrpcJsonTranscoder.Types.UrlUnescapeSpec;

namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder;

/// <summary>How a request's path and query were understood.</summary>
internal enum BindingOutcome : byte { Bound, UnknownParameter, BadValue }

/// <summary>
/// A request on its way from JSON to gRPC: the fields that its path and query fill, and the messages of its body. Pooled with its filter; one thread.
/// </summary>
internal sealed class RequestTranscoder(TranscoderConfig config)
{
    private readonly MessageEncoder _encoder = new(config.Types, config.IgnoresEnumCase);
    private readonly ByteWriter _bindings = new(0);
    private readonly ByteWriter _body = new(0);
    private readonly ByteWriter _message = new(0);
    private readonly ByteWriter _text = new(0);
    private readonly JsonSplitter _elements = new();
    private TranscodingRule _rule = null!;
    private byte[] _contentType = [];

    public TranscoderConfig Config => config;

    /// <summary>What was wrong, after a refusal.</summary>
    public string Fault => _encoder.Fault ?? "";

    /// <summary>Bytes that wait for the rest of the body.</summary>
    public int KeptBytes => _body.Length + _elements.KeptBytes;

    /// <summary>Messages are made as the body comes; else there is one, made at its end.</summary>
    public bool IsStreaming => _rule.Method.IsClientStreaming;

    /// <summary>Takes the variables of the path and the parameters of the query.</summary>
    /// <param name="rule">That the path fits.</param>
    /// <param name="path">Without query.</param>
    /// <param name="segments">Of the path.</param>
    /// <param name="query">Without its question mark.</param>
    public BindingOutcome Bind(TranscodingRule rule, ReadOnlySpan<byte> path, ReadOnlySpan<Range> segments, ReadOnlySpan<byte> query)
    {
        _rule = rule;
        for (var i = 0; i < rule.Variables.Length; i++)
        {
            var variable = rule.Template.Variables[i];
            Decode(variable.TextIn(path, segments), variable.IsMultipart ? config.UnescapeSpec : UrlUnescapeSpec.AllCharacters, plusIsSpace: false);
            if (!TryWriteBinding(rule.Variables[i])) return BindingOutcome.BadValue;
        }

        return BindQuery(query);
    }

    /// <summary>The body is not JSON: its content type goes into the message with it.</summary>
    public void SetContentType(ReadOnlySpan<byte> type) => _contentType = type.ToArray();

    /// <summary>Takes a piece of the body.</summary>
    public void Append(ReadOnlySpan<byte> piece)
    {
        if (IsStreaming && !_rule.IsRawRequest) _elements.Append(piece);
        else _body.Write(piece);
    }

    /// <summary>Appends the frames of the messages that are whole; false when the body is not what it should be.</summary>
    /// <param name="isLast">The body is complete.</param>
    public bool TryWriteFrames(bool isLast, ByteWriter output)
    {
        if (_rule.IsRawRequest) return TryWriteRaw(isLast, output);
        if (!IsStreaming) return !isLast || (TryWriteMessage(_body.Written) && WriteFrame(output));
        while (_elements.TryTake(out var element))
        {
            if (!TryWriteMessage(element)) return false;
            WriteFrame(output);
        }

        if (_elements.IsFault || (isLast && !_elements.IsComplete)) return _encoder.FailSyntax();
        _elements.Compact();
        return true;
    }

    public void Reset()
    {
        _encoder.Reset();
        _bindings.Clear();
        _body.Clear();
        _elements.Reset();
        _contentType = [];
    }

    private BindingOutcome BindQuery(ReadOnlySpan<byte> query)
    {
        while (!query.IsEmpty)
        {
            var end = query.IndexOf((byte)'&');
            var parameter = end < 0 ? query : query[..end];
            query = end < 0 ? default : query[(end + 1)..];
            if (parameter.IsEmpty) continue;
            var equals = parameter.IndexOf((byte)'=');
            var name = Encoding.UTF8.GetString(equals < 0 ? parameter : parameter[..equals]);
            if (config.IsIgnored(name)) continue;
            if (FieldPathResolver.Resolve(config.Types, _rule.Method.Input, name, out var error) is not { } fields)
            {
                if (config.IgnoresUnknownParameters) continue;
                _encoder.Fail(error);
                return BindingOutcome.UnknownParameter;
            }

            Decode(equals < 0 ? default : parameter[(equals + 1)..], UrlUnescapeSpec.AllCharacters, config.PlusIsSpace);
            if (!TryWriteBinding(fields)) return BindingOutcome.BadValue;
        }

        return BindingOutcome.Bound;
    }

    private void Decode(ReadOnlySpan<byte> text, UrlUnescapeSpec spec, bool plusIsSpace)
    {
        _text.Clear();
        PercentText.Decode(text, spec, plusIsSpace, _text);
    }

    /// <summary>Messages of one field that come twice are one to whoever reads them, so a binding stands apart from the rest.</summary>
    private bool TryWriteBinding(FieldDescriptor[] fields)
    {
        Span<int> starts = stackalloc int[fields.Length];
        for (var i = 0; i < fields.Length - 1; i++) starts[i] = BeginNested(fields[i], _bindings);
        if (!_encoder.TryWriteText(fields[^1], _text.Written, _bindings)) return false;
        for (var i = fields.Length - 2; i >= 0; i--) WireFormat.PrefixLength(_bindings, starts[i]);
        return true;
    }

    /// <summary>Makes a message of a JSON text, and of what the path and the query say, which goes over it.</summary>
    private bool TryWriteMessage(ReadOnlySpan<byte> json)
    {
        _message.Clear();
        json = json.Trim(" \t\r\n"u8);
        if (!json.IsEmpty && !TryWriteBody(json)) return false;
        AddBindings();
        return true;
    }

    private bool TryWriteBody(ReadOnlySpan<byte> json)
    {
        var body = _rule.Body;
        if (body.Length == 0) return _encoder.TryWriteMessage(_rule.Method.Input, json, _message);
        Span<int> starts = stackalloc int[body.Length];
        for (var i = 0; i < body.Length - 1; i++) starts[i] = BeginNested(body[i], _message);
        if (!_encoder.TryWriteField(body[^1], json, _message)) return false;
        for (var i = body.Length - 2; i >= 0; i--) WireFormat.PrefixLength(_message, starts[i]);
        return true;
    }

    /// <summary>A google.api.HttpBody: content_type is its field 1, data its field 2.</summary>
    private bool TryWriteRaw(bool isLast, ByteWriter output)
    {
        if (!isLast && (!IsStreaming || _body.Length == 0)) return true;
        if (IsStreaming && _body.Length == 0 && _bindings.Length == 0) return true;
        _message.Clear();
        AddBindings();
        var body = _rule.Body;
        Span<int> starts = stackalloc int[body.Length];
        for (var i = 0; i < body.Length; i++) starts[i] = BeginNested(body[i], _message);
        if (_contentType.Length > 0)
        {
            WireFormat.WriteTag(_message, 1, WireFormat.Bytes);
            WireFormat.WriteBytes(_message, _contentType);
        }

        WireFormat.WriteTag(_message, 2, WireFormat.Bytes);
        WireFormat.WriteBytes(_message, _body.Written);
        for (var i = body.Length - 1; i >= 0; i--) WireFormat.PrefixLength(_message, starts[i]);
        _body.Clear();
        _contentType = [];
        return WriteFrame(output);
    }

    /// <summary>They belong to the first message of a stream.</summary>
    private void AddBindings()
    {
        _message.Write(_bindings.Written);
        _bindings.Clear();
    }

    private bool WriteFrame(ByteWriter output)
    {
        GrpcFrames.Write(_message.Written, output);
        return true;
    }

    private static int BeginNested(FieldDescriptor field, ByteWriter output)
    {
        WireFormat.WriteTag(output, field.FieldNumber, WireFormat.Bytes);
        return output.Length;
    }
}
