using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Weft.Net.Native;

namespace Weft.Net.Udp;

/// <summary>Receives many datagrams with one system call (recvmmsg), each with where it was sent to. One per loop; what it received is dead at the next call.</summary>
internal sealed unsafe class DatagramBatch : IDisposable
{
    public const int MaxMessages = 32;

    /// <summary>Room for all datagrams of a batch: the larger one may be, the fewer come at a time.</summary>
    private const int BufferBytes = 256 * 1024;

    /// <summary>A packet info of either family and a count of drops.</summary>
    private const int ControlBytes = 128;

    private readonly Message* _messages;
    private readonly IoVector* _vectors;
    private readonly byte* _addresses;
    private readonly byte* _controls;
    private readonly byte* _buffer;
    private int _stride;

    public DatagramBatch()
    {
        _messages = (Message*)NativeMemory.AllocZeroed(MaxMessages, (nuint)sizeof(Message));
        _vectors = (IoVector*)NativeMemory.AllocZeroed(MaxMessages, (nuint)sizeof(IoVector));
        _addresses = (byte*)NativeMemory.Alloc(MaxMessages * SocketAddress.MaxBytes);
        _controls = (byte*)NativeMemory.Alloc(MaxMessages * ControlBytes);
        _buffer = (byte*)NativeMemory.Alloc(BufferBytes);
    }

    /// <summary>How many datagrams came; 0 when there are none; -errno.</summary>
    /// <param name="fd">A UDP socket.</param>
    /// <param name="maxBytes">Of one datagram: longer ones are cut off (<see cref="IsTruncated"/>).</param>
    public int Receive(int fd, int maxBytes)
    {
        _stride = maxBytes;
        var count = Math.Clamp(BufferBytes / maxBytes, 1, MaxMessages);
        for (var i = 0; i < count; i++)
        {
            _vectors[i] = new IoVector { Base = _buffer + (i * maxBytes), Length = (nuint)maxBytes };
            _messages[i].Header = new MessageHeader
            {
                Name = _addresses + (i * SocketAddress.MaxBytes),
                NameLength = SocketAddress.MaxBytes,
                Vectors = _vectors + i,
                VectorCount = 1,
                Control = _controls + (i * ControlBytes),
                ControlLength = ControlBytes,
            };
        }

        var received = Libc.recvmmsg(fd, _messages, (uint)count, 0, null);
        if (received >= 0)
            return received;
        var errno = Libc.LastError;
        return errno == Errno.Again ? 0 : -errno;
    }

    public ReadOnlySpan<byte> Data(int index) => new(_buffer + (index * _stride), (int)_messages[index].Length);

    public bool IsTruncated(int index) => (_messages[index].Header.Flags & Sock.Truncated) != 0;

    public NetAddress From(int index) => SocketAddress.Read(new ReadOnlySpan<byte>(_messages[index].Header.Name, SocketAddress.MaxBytes), _messages[index].Header.NameLength);

    /// <summary>Which address of this host a datagram was sent to, without its port; None where the socket was not asked to tell.</summary>
    /// <param name="index">Of the datagram.</param>
    /// <param name="drops">How many the kernel has dropped for want of room, since the socket was made; unchanged where it does not say.</param>
    public NetAddress To(int index, ref uint drops)
    {
        var result = default(NetAddress);
        var left = (int)_messages[index].Header.ControlLength;
        var at = (byte*)_messages[index].Header.Control;
        while (left >= ControlMessage.HeaderBytes)
        {
            var length = (int)Unsafe.ReadUnaligned<nuint>(at);
            if (length < ControlMessage.HeaderBytes || length > left)
                break;
            ReadControl(Unsafe.ReadUnaligned<int>(at + 8), Unsafe.ReadUnaligned<int>(at + 12), at + ControlMessage.HeaderBytes, ref result, ref drops);
            var aligned = (length + 7) & ~7;
            at += aligned;
            left -= aligned;
        }

        return result;
    }

    public void Dispose()
    {
        NativeMemory.Free(_messages);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_addresses);
        NativeMemory.Free(_controls);
        NativeMemory.Free(_buffer);
    }

    private static void ReadControl(int level, int type, byte* data, ref NetAddress to, ref uint drops)
    {
        switch (level, type)
        {
            case (Sock.LevelIP, Sock.IPPacketInfo):
                to = ControlMessage.ReadPacketInfo4(data);
                break;
            case (Sock.LevelIPv6, Sock.IPv6PacketInfo):
                to = ControlMessage.ReadPacketInfo6(data);
                break;
            case (Sock.LevelSocket, Sock.ReceiveOverflow):
                drops = Unsafe.ReadUnaligned<uint>(data);
                break;
        }
    }

    /// <summary>struct mmsghdr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Message
    {
        public MessageHeader Header;
        public uint Length;
    }
}
