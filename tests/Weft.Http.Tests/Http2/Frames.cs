using System.Buffers.Binary;
using System.Text;

namespace Weft.Http.Tests.Http2;

/// <summary>Frames made by hand, right or wrong.</summary>
internal static class Frames
{
    public const int Data = 0, Headers = 1, Priority = 2, Reset = 3, SettingsType = 4, Push = 5, Ping = 6, GoAway = 7, Window = 8, Continuation = 9;
    public const int EndStream = 1, Ack = 1, EndHeaders = 4, Padded = 8;

    public static byte[] Preface => Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

    public static byte[] Frame(int type, int flags, int streamId, params byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, (uint)payload.Length << 8);
        frame[3] = (byte)type;
        frame[4] = (byte)flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), streamId);
        payload.CopyTo(frame.AsSpan(9));
        return frame;
    }

    public static byte[] Settings(params (int Id, uint Value)[] settings)
    {
        var payload = new byte[settings.Length * 6];
        for (var i = 0; i < settings.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(i * 6), (ushort)settings[i].Id);
            BinaryPrimitives.WriteUInt32BigEndian(payload.AsSpan(i * 6 + 2), settings[i].Value);
        }

        return Frame(SettingsType, 0, 0, payload);
    }

    public static byte[] WindowUpdate(int streamId, int increment)
    {
        var payload = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(payload, increment);
        return Frame(Window, 0, streamId, payload);
    }

    /// <summary>A header block of literals: <c>:method=GET x=y</c>, with ~ for a space in a value.</summary>
    public static byte[] Block(string fields)
    {
        var block = new List<byte>();
        foreach (var field in fields.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = field.IndexOf('=', 1);
            block.Add(0);
            Add(field[..equals]);
            Add(field[(equals + 1)..].Replace('~', ' '));
        }

        return [.. block];

        void Add(string text)
        {
            var length = text.Length;
            if (length < 127)
            {
                block.Add((byte)length);
            }
            else
            {
                block.Add(127);
                for (length -= 127; length >= 128; length >>= 7) block.Add((byte)(length | 128));
                block.Add((byte)length);
            }

            block.AddRange(Encoding.Latin1.GetBytes(text));
        }
    }

    public static byte[] Request(int streamId, string fields, bool endStream = true) =>
        Frame(Headers, EndHeaders | (endStream ? EndStream : 0), streamId, Block(fields));
}
