using System.Runtime.InteropServices;

namespace Weft.Proxy.AccessLogs;

/// <summary>A file, opened for appending, or one of the process's own outputs.</summary>
internal sealed partial class FileDevice : LogDevice
{
    private const int WriteOnly = 1;
    private const int CreateIfAbsent = 0x40;
    private const int Append = 0x400;
    private const int CloseOnExec = 0x80000;
    private const int Mode = 0b110_100_100;
    private const int Interrupted = 4;
    private const int Again = 11;
    private const short PollOut = 4;

    /// <summary>How long a pipe that takes nothing is waited for.</summary>
    private const int PatienceMs = 1000;

    private readonly int _descriptor;
    private readonly bool _isOwned;

    private FileDevice(int descriptor, bool isOwned) => (_descriptor, _isOwned) = (descriptor, isOwned);

    /// <summary>Opens a path. The process's outputs are used as they are: opening them again fails when they are sockets or belong to another user.</summary>
    /// <exception cref="IOException">It cannot be opened; the message says why.</exception>
    public static FileDevice Open(string path)
    {
        if (path == "/dev/stdout")
            return new FileDevice(1, isOwned: false);
        if (path == "/dev/stderr")
            return new FileDevice(2, isOwned: false);
        var descriptor = Native.open(path, WriteOnly | CreateIfAbsent | Append | CloseOnExec, Mode);
        if (descriptor < 0)
            throw new IOException($"unable to open file '{path}': {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        return new FileDevice(descriptor, isOwned: true);
    }

    public override unsafe int Write(ReadOnlySpan<byte> data)
    {
        var done = 0;
        while (done < data.Length)
        {
            nint written;
            fixed (byte* start = data[done..])
                written = Native.write(_descriptor, start, data.Length - done);
            if (written >= 0)
                done += (int)written;
            else if (!CanRetry(Marshal.GetLastPInvokeError()))
                break;
        }

        return done;
    }

    public override void Dispose()
    {
        if (_isOwned)
            _ = Native.close(_descriptor);
    }

    private unsafe bool CanRetry(int error)
    {
        if (error != Again)
            return error == Interrupted;
        var poll = new PollDescriptor { Descriptor = _descriptor, Events = PollOut };
        return Native.poll(&poll, 1, PatienceMs) > 0;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    private static partial class Native
    {
        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int open(string path, int flags, int mode);

        [LibraryImport("libc", SetLastError = true)]
        internal static unsafe partial nint write(int descriptor, byte* data, nint length);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int close(int descriptor);

        [LibraryImport("libc", SetLastError = true)]
        internal static unsafe partial int poll(PollDescriptor* descriptors, nuint count, int timeoutMs);
    }
}
