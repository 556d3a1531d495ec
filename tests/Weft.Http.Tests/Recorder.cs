using System.Text;
using Weft.Http.Http1;

namespace Weft.Http.Tests;

/// <summary>A handler that writes down what it is told, body pieces joined so that the split of the input does not show.</summary>
internal sealed class Recorder : IMessageHandler
{
    private readonly StringBuilder _body = new();

    public List<string> Events { get; } = [];

    public HeaderMap Headers { get; private set; } = new();

    public CodecError? Error { get; private set; }

    public Http1Decoder Decoder { get; set; } = null!;

    /// <summary>Called at each OnHeaders, before it is written down.</summary>
    public Action<HeaderMap>? AtHeaders { get; set; }

    public Action? AtData { get; set; }

    public Action? AtEnd { get; set; }

    public HeaderMap OnMessageBegin()
    {
        Flush();
        Events.Add("begin");
        return Headers = new HeaderMap();
    }

    public void OnHeaders(HeaderMap headers, bool endStream)
    {
        Events.Add($"{(endStream ? "headers." : "headers")} {Text(headers)}");
        AtHeaders?.Invoke(headers);
        if (endStream) AtEnd?.Invoke();
    }

    public void OnInformational(HeaderMap headers) => Events.Add($"informational {Text(headers)}");

    public void OnData(ReadOnlySpan<byte> data, bool endStream)
    {
        _body.Append(Encoding.Latin1.GetString(data));
        AtData?.Invoke();
        if (!endStream) return;
        Flush();
        Events.Add("end");
        AtEnd?.Invoke();
    }

    public void OnTrailers(HeaderMap trailers)
    {
        Flush();
        Events.Add($"trailers {Text(trailers)}");
        AtEnd?.Invoke();
    }

    public void OnProtocolError(CodecError error)
    {
        Flush();
        Events.Add($"error {error.Status} {error.Details}");
        Assert.Null(Error);
        Error = error;
    }

    /// <summary>Everything so far, one line per event.</summary>
    public string Log()
    {
        Flush();
        return string.Join('\n', Events);
    }

    public static string Text(HeaderMap map)
    {
        var text = new StringBuilder();
        for (var i = 0; i < map.Count; i++)
            text.Append('[').Append(Encoding.Latin1.GetString(map.NameAt(i))).Append('=').Append(Encoding.Latin1.GetString(map.ValueAt(i))).Append(']');
        return text.ToString();
    }

    private void Flush()
    {
        if (_body.Length > 0) Events.Add($"data {_body}");
        _body.Clear();
    }
}
