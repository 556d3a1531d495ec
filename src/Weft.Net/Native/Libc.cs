using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace Weft.Net.Native;

/// <summary>
/// The system calls of the event loop. Only pointers and numbers cross, so that the calls are inlined; a failed call is
/// followed at once by <see cref="LastError"/>.
/// </summary>
internal static unsafe partial class Libc
{
    private const string Library = "libc";

    /// <summary>errno of the call just made on this thread.</summary>
    public static int LastError => Marshal.GetLastSystemError();

    private const int ReadWrite = 3;
    private const int Shared = 1;

    /// <summary>A system call that the library has no function for. Its arguments are variadic there, which on Linux makes no difference for numbers and pointers.</summary>
    [LibraryImport(Library)]
    public static partial nint syscall(nint number, nint first, nint second, nint third, nint fourth, nint fifth, nint sixth);

    /// <summary>Memory shared with the kernel; null when it cannot be had.</summary>
    public static byte* MapShared(int fd, long offset, nuint bytes)
    {
        var memory = mmap(null, bytes, ReadWrite, Shared, fd, offset);
        return (nint)memory == -1 ? null : memory;
    }

    public static void Unmap(byte* memory, nuint bytes) => _ = munmap(memory, bytes);

    [LibraryImport(Library)]
    private static partial byte* mmap(void* address, nuint bytes, int protection, int flags, int fd, long offset);

    [LibraryImport(Library)]
    private static partial int munmap(void* address, nuint bytes);

    [LibraryImport(Library)]
    public static partial int epoll_create1(int flags);

    [LibraryImport(Library)]
    public static partial int epoll_ctl(int epoll, int operation, int fd, byte* ev);

    [LibraryImport(Library)]
    public static partial int epoll_wait(int epoll, byte* events, int maxEvents, int timeoutMs);

    [LibraryImport(Library)]
    public static partial int eventfd(uint initial, int flags);

    [LibraryImport(Library)]
    public static partial nint write(int fd, void* buffer, nuint count);

    [LibraryImport(Library)]
    public static partial int close(int fd);

    [LibraryImport(Library)]
    public static partial int socket(int family, int type, int protocol);

    [LibraryImport(Library)]
    public static partial int bind(int fd, byte* address, uint length);

    [LibraryImport(Library)]
    public static partial int listen(int fd, int backlog);

    [LibraryImport(Library)]
    public static partial int accept4(int fd, byte* address, uint* length, int flags);

    [LibraryImport(Library)]
    public static partial int connect(int fd, byte* address, uint length);

    [LibraryImport(Library)]
    public static partial int shutdown(int fd, int how);

    [LibraryImport(Library)]
    public static partial int getsockname(int fd, byte* address, uint* length);

    [LibraryImport(Library)]
    public static partial int getsockopt(int fd, int level, int name, void* value, uint* length);

    [LibraryImport(Library)]
    public static partial int setsockopt(int fd, int level, int name, void* value, uint length);

    [LibraryImport(Library)]
    public static partial nint recv(int fd, byte* buffer, nuint count, int flags);

    [LibraryImport(Library)]
    public static partial nint send(int fd, byte* buffer, nuint count, int flags);

    [LibraryImport(Library)]
    public static partial nint sendmsg(int fd, MessageHeader* message, int flags);

    [LibraryImport(Library)]
    public static partial nint recvmsg(int fd, MessageHeader* message, int flags);

    [LibraryImport(Library)]
    public static partial int recvmmsg(int fd, Udp.DatagramBatch.Message* messages, uint count, int flags, void* timeout);

    [LibraryImport(Library)]
    public static partial nint recvfrom(int fd, byte* buffer, nuint count, int flags, byte* address, uint* length);

    [LibraryImport(Library)]
    public static partial nint sendto(int fd, byte* buffer, nuint count, int flags, byte* address, uint length);

    [LibraryImport(Library)]
    public static partial int fcntl(int fd, int command, int argument);

    [LibraryImport(Library)]
    public static partial int chmod(byte* path, uint mode);

    [LibraryImport(Library)]
    public static partial int open(byte* path, int flags);

    [LibraryImport(Library)]
    public static partial nint read(int fd, void* buffer, nuint count);

    [LibraryImport(Library)]
    public static partial int inotify_init1(int flags);

    [LibraryImport(Library)]
    public static partial int inotify_add_watch(int inotify, byte* path, uint mask);

    [LibraryImport(Library)]
    public static partial int inotify_rm_watch(int inotify, int watch);

    [LibraryImport(Library)]
    public static partial int getrlimit(int resource, ulong* limits);

    [LibraryImport(Library)]
    public static partial int setrlimit(int resource, ulong* limits);
}

/// <summary>struct iovec.</summary>
internal unsafe struct IoVector
{
    public byte* Base;
    public nuint Length;
}

/// <summary>struct msghdr of 64-bit Linux.</summary>
internal unsafe struct MessageHeader
{
    public byte* Name;
    public uint NameLength;
    public IoVector* Vectors;
    public nuint VectorCount;
    public void* Control;
    public nuint ControlLength;
    public int Flags;
}
