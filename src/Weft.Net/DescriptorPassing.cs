using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Weft.Net.Native;

namespace Weft.Net;

/// <summary>Open descriptors sent to another process over a Unix socket (SCM_RIGHTS). Any thread; blocking sockets.</summary>
public static unsafe class DescriptorPassing
{
    private const int ControlBytes = 24;
    private const int Rights = 1;
    private const int CloseOnExec = 0x40000000;

    /// <summary>Sends a message, with a descriptor unless that is negative; both processes then have it open.</summary>
    /// <exception cref="NetException">The other side has gone.</exception>
    public static void Send(Socket socket, ReadOnlySpan<byte> message, int descriptor)
    {
        var control = stackalloc byte[ControlBytes];
        fixed (byte* start = message)
        {
            var vector = new IoVector { Base = start, Length = (nuint)message.Length };
            var header = new MessageHeader { Vectors = &vector, VectorCount = 1 };
            if (descriptor >= 0)
            {
                // struct cmsghdr: length, level, type; then the descriptor.
                Unsafe.WriteUnaligned(control, (nuint)(ControlBytes - sizeof(int)));
                Unsafe.WriteUnaligned(control + 8, Sock.LevelSocket);
                Unsafe.WriteUnaligned(control + 12, Rights);
                Unsafe.WriteUnaligned(control + 16, descriptor);
                header.Control = control;
                header.ControlLength = ControlBytes;
            }

            if (Libc.sendmsg((int)socket.Handle, &header, Sock.NoSignal) < 0)
                throw new NetException("sendmsg", Libc.LastError);
        }
    }

    /// <summary>Receives a message; 0 bytes when the other side has gone.</summary>
    /// <param name="socket">A Unix socket that keeps messages apart.</param>
    /// <param name="buffer">Gets the message.</param>
    /// <param name="descriptor">The descriptor that came with it, now this process's own; -1 for none.</param>
    /// <exception cref="NetException">The receive failed or took longer than the socket's timeout.</exception>
    public static int Receive(Socket socket, Span<byte> buffer, out int descriptor)
    {
        var control = stackalloc byte[ControlBytes];
        fixed (byte* start = buffer)
        {
            var vector = new IoVector { Base = start, Length = (nuint)buffer.Length };
            var header = new MessageHeader { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = ControlBytes };
            var count = (int)Libc.recvmsg((int)socket.Handle, &header, CloseOnExec);
            if (count < 0)
                throw new NetException("recvmsg", Libc.LastError);
            var isRights = header.ControlLength >= ControlBytes - sizeof(int) && Unsafe.ReadUnaligned<int>(control + 12) == Rights;
            descriptor = isRights ? Unsafe.ReadUnaligned<int>(control + 16) : -1;
            return count;
        }
    }
}
