using Weft.Base.Buffers;
using Weft.Http;
using Weft.Http.Http1;

namespace Weft.Fuzz;

/// <summary>What is forwarded reads as what was received: one message, with the same headers and body, to the last byte.</summary>
internal sealed class RoundTrip
{
    private readonly ByteQueue _output = new(new BufferPool());

    public void Check(Message message, bool isResponse)
    {
        var headers = new HeaderMap();
        headers.CopyFrom(message.Headers);
        var method = headers.Get(KnownHeader.Method).ToArray();
        var status = headers.Status;
        if (HopByHop.IsUpgrade(headers) || status == 101 || method.AsSpan().SequenceEqual("CONNECT"u8)) return;
        if (isResponse && (status is 204 or 304 || (message.Body.Count == 0 && headers.Has(KnownHeader.ContentLength)))) return;
        // An absolute URL that was left as the path is answered, not forwarded.
        if (!isResponse && headers.Get(KnownHeader.Path)[0] is not ((byte)'/' or (byte)'*')) return;
        if (!HopByHop.Strip(headers, keepUpgrade: false)) return;
        Maps.Check(headers);

        var isChunked = !headers.Has(KnownHeader.ContentLength) && (message.Body.Count > 0 || message.Trailers.Count > 0);
        var framing = isChunked ? Http1Framing.Chunked : Http1Framing.AsHeaders;
        if (isResponse && !isChunked && !headers.Has(KnownHeader.ContentLength)) headers.Set(KnownHeader.ContentLength, 0);
        if (isResponse) Http1Encoder.WriteResponseHead(headers, framing, HttpProtocol.Http11, close: false, _output);
        else Http1Encoder.WriteRequestHead(headers, framing, _output);
        WriteBody(message, isChunked);

        var again = Decode(isResponse);
        if (again.Error is not null || again.Messages.Count != 1) throw new FindingException($"forwarded, it is read as:\n{again}");
        var received = again.Messages[0];
        if (!received.Body.SequenceEqual(message.Body)) throw new FindingException("the body is another when forwarded");
        if (Maps.Text(received.Trailers) != (isChunked ? Maps.Text(message.Trailers) : "")) throw new FindingException("the trailers are others when forwarded");
        Compare(headers, received.Headers);
    }

    private void WriteBody(Message message, bool isChunked)
    {
        var body = message.Body.ToArray();
        if (!isChunked)
        {
            _output.Append(body);
            return;
        }

        Http1Encoder.WriteChunk(body.AsSpan(0, body.Length / 3), _output);
        Http1Encoder.WriteChunk(body.AsSpan(body.Length / 3), _output);
        Http1Encoder.WriteLastChunk(message.Trailers.Count > 0 ? message.Trailers : null, _output);
    }

    private Transcript Decode(bool isResponse)
    {
        var transcript = new Transcript(new HeaderMap()) { IsResponse = isResponse };
        var options = new Http1DecoderOptions { EnableTrailers = true, AllowCustomMethods = true, MaxHeadersBytes = int.MaxValue / 2, MaxHeadersCount = 10_000 };
        var decoder = new Http1Decoder(isResponse, options, transcript);
        transcript.Decoder = decoder;
        while (!_output.IsEmpty)
        {
            var taken = decoder.Decode(_output.First);
            if (taken < _output.First.Length) throw new FindingException($"forwarded, {_output.First.Length - taken} bytes are left behind:\n{transcript}");
            _output.Drain(taken);
        }

        return transcript;
    }

    private static void Compare(HeaderMap sent, HeaderMap received)
    {
        foreach (var map in new[] { sent, received })
        {
            map.Remove(KnownHeader.TransferEncoding);
            map.Remove(KnownHeader.ContentLength);
            map.Remove(KnownHeader.Scheme);
        }

        foreach (var pseudo in new[] { KnownHeader.Method, KnownHeader.Path, KnownHeader.Authority, KnownHeader.Status })
        {
            if (!sent.Get(pseudo).SequenceEqual(received.Get(pseudo))) throw new FindingException($"{pseudo} is another when forwarded");
            sent.Remove(pseudo);
            received.Remove(pseudo);
        }

        if (Maps.Text(sent) != Maps.Text(received)) throw new FindingException($"forwarded {Maps.Text(sent)}, received {Maps.Text(received)}");
    }
}
