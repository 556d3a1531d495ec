using System.Text;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>HTTP/2 frames by hand, as Latin-1 text for a <see cref="RawPeer"/>.</summary>
internal static class Http2Frames
{
    public const int Data = 0, Headers = 1, Reset = 3, Settings = 4, Ping = 6, GoAway = 7, WindowUpdate = 8;
    public const int EndStream = 1, Ack = 1, EndHeaders = 4;

    /// <summary>What a client sends first.</summary>
    public static string Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame(Settings, 0, 0, "");

    public static string Frame(int type, int flags, int stream, string payload)
    {
        var text = new StringBuilder();
        foreach (var c in (int[])[payload.Length >> 16, payload.Length >> 8, payload.Length, type, flags, stream >> 24, stream >> 16, stream >> 8, stream])
            text.Append((char)(c & 0xFF));
        return text.Append(payload).ToString();
    }

    /// <summary>A head of literals: <c>:method=GET x=y</c>.</summary>
    public static string Head(int stream, string fields, bool endStream = true)
    {
        var block = new StringBuilder();
        foreach (var field in fields.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = field.IndexOf('=', 1);
            block.Append('\0').Append((char)equals).Append(field, 0, equals);
            block.Append((char)(field.Length - equals - 1)).Append(field, equals + 1, field.Length - equals - 1);
        }

        return Frame(Headers, EndHeaders | (endStream ? EndStream : 0), stream, block.ToString());
    }

    /// <summary>The whole frames in what was received.</summary>
    public static IEnumerable<(int Type, int Flags, int Stream, string Payload)> In(string received)
    {
        for (var at = 0; at + 9 <= received.Length;)
        {
            var length = received[at] << 16 | received[at + 1] << 8 | received[at + 2];
            if (at + 9 + length > received.Length)
                yield break;
            var stream = received[at + 5] << 24 | received[at + 6] << 16 | received[at + 7] << 8 | received[at + 8];
            yield return (received[at + 3], received[at + 4], stream, received.Substring(at + 9, length));
            at += 9 + length;
        }
    }

    /// <summary>The code of the first GOAWAY; null while there is none.</summary>
    public static int? GoAwayCode(string received) =>
        In(received).Where(frame => frame.Type == GoAway).Select(frame => (int?)frame.Payload[7]).FirstOrDefault();
}
