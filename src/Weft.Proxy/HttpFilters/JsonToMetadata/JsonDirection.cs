using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.Streams;

namespace Weft.Proxy.HttpFilters.JsonToMetadata;

/// <summary>The request or the response of a stream: its body as far as it has come, and what its rules have made of it. Pooled with the filter; worker thread.</summary>
/// <param name="rules">Null: bodies of this direction are not read.</param>
internal sealed class JsonDirection(JsonRules? rules)
{
    private readonly ByteWriter _body = new(0);
    private bool _isReading;

    /// <summary>Whether the last call has changed metadata.</summary>
    public bool HasSet { get; private set; }

    public FilterStatus Begin(HeaderMap headers, bool endStream, DynamicMetadata metadata)
    {
        if (rules is null) return FilterStatus.Continue;
        _isReading = rules.Takes(headers, metadata, out var hasSet);
        HasSet = hasSet;
        if (!_isReading) return FilterStatus.Continue;
        return endStream ? End(metadata) : FilterStatus.StopAndBuffer;
    }

    public FilterStatus Add(BodyChunk chunk, DynamicMetadata metadata)
    {
        if (_isReading) _body.Write(chunk.Bytes);
        return _isReading && !chunk.EndStream ? FilterStatus.StopAndBuffer : End(metadata);
    }

    /// <summary>The whole body has come, if it is read at all.</summary>
    public FilterStatus End(DynamicMetadata metadata)
    {
        HasSet = _isReading && rules!.Apply(_body.Written, metadata);
        Reset();
        return FilterStatus.Continue;
    }

    public void Reset()
    {
        _isReading = false;
        _body.Clear();
    }
}
