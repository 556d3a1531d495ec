using System.Text;
using Weft.Http;
using Weft.Http.Http1;

namespace Weft.Fuzz;

/// <summary>
/// What a decoder told about an input, in a form that two readings of the same bytes can be compared in; checks on the way
/// that the events are in order and the maps well-formed. Keeps the messages for the checks that follow.
/// </summary>
internal sealed class Transcript(HeaderMap map) : IMessageHandler
{
    private enum Phase { Between, Head, Body, Failed }

    private readonly StringBuilder _log = new();
    private Phase _phase;
    private Message _message = new();

    public List<Message> Messages { get; } = [];

    public CodecError? Error { get; private set; }

    public Http1Decoder? Decoder { get; set; }

    public bool IsResponse { get; init; }

    public override string ToString() => _log.ToString() + _phase + _message.Body.Count;

    public HeaderMap OnMessageBegin()
    {
        Expect(_phase == Phase.Between, "begin inside a message");
        _phase = Phase.Head;
        _message = new Message();
        _log.Append("begin\n");
        return map;
    }

    public void OnHeaders(HeaderMap headers, bool endStream)
    {
        Expect(_phase == Phase.Head, "second head");
        Maps.Check(headers);
        _message.Headers.CopyFrom(headers);
        _message.IsHttp10 = Decoder!.Protocol == HttpProtocol.Http10;
        _log.Append(Decoder.HeadBytes).Append(' ');
        _phase = Phase.Body;
        _log.Append(endStream ? "headers. " : "headers ").Append(Maps.Text(headers)).Append('\n');
        if (endStream) End();
    }

    public void OnInformational(HeaderMap headers)
    {
        Expect(_phase == Phase.Head && IsResponse && headers.Status is >= 100 and < 200 and not 101, "informational head out of place");
        Maps.Check(headers);
        _log.Append("informational ").Append(Maps.Text(headers)).Append('\n');
    }

    public void OnData(ReadOnlySpan<byte> data, bool endStream)
    {
        Expect(_phase == Phase.Body, "data outside a body");
        Expect(!data.IsEmpty || endStream, "no data");
        foreach (var c in data) _message.Body.Add(c);
        if (endStream) End();
    }

    public void OnTrailers(HeaderMap trailers)
    {
        Expect(_phase == Phase.Body && trailers.Count > 0, "trailers outside a body");
        Maps.Check(trailers);
        _message.Trailers.CopyFrom(trailers);
        _log.Append("trailers ").Append(Maps.Text(trailers)).Append('\n');
        End();
    }

    public void OnProtocolError(CodecError error)
    {
        Expect(Error is null, "second error");
        Expect(!Decoder!.KeepAlive, "kept alive after an error");
        Error = error;
        _phase = Phase.Failed;
        _log.Append("error ").Append(error.Status).Append(' ').Append(error.Details).Append('\n');
    }

    private void End()
    {
        _phase = Phase.Between;
        Messages.Add(_message);
        _log.Append("end ").Append(Encoding.Latin1.GetString([.. _message.Body])).Append('\n');
        // One message at a time; a response decoder would take what follows a response for the next, or an error, depending on the split.
        Decoder!.Pause();
    }

    private static void Expect(bool holds, string what)
    {
        if (!holds) throw new FindingException(what);
    }
}

/// <summary>One message as it was told.</summary>
internal sealed class Message
{
    public HeaderMap Headers { get; } = new();

    public List<byte> Body { get; } = [];

    public HeaderMap Trailers { get; } = new();

    public bool IsHttp10 { get; set; }
}
