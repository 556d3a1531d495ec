using System.Runtime.InteropServices;
using Weft.Net.Tls.Native;

namespace Weft.Net.Tls;

/// <summary>The library's view of a connection: it reads from the bytes just fed and writes to the queue of the transport at hand. No system call, no lock.</summary>
internal static unsafe class WindowBio
{
    private static readonly nint s_method = CreateMethod();

    public static nint New() => LibCrypto.BIO_new(s_method);

    private static nint CreateMethod()
    {
        nint method;
        // A null name crashes.
        fixed (byte* name = "weft\0"u8)
            method = LibCrypto.BIO_meth_new(LibCrypto.BioTypeSourceSink | 0x80, name);
        _ = LibCrypto.BIO_meth_set_read(method, &Read);
        _ = LibCrypto.BIO_meth_set_write(method, &Write);
        _ = LibCrypto.BIO_meth_set_ctrl(method, &Control);
        _ = LibCrypto.BIO_meth_set_create(method, &Create);
        return method;
    }

    [UnmanagedCallersOnly]
    private static int Create(nint bio)
    {
        LibCrypto.BIO_set_init(bio, 1);
        return 1;
    }

    [UnmanagedCallersOnly]
    private static int Read(nint bio, byte* buffer, int count)
    {
        var taken = TlsTransport.Current!.TakeReceived(buffer, count);
        if (taken > 0)
            return taken;
        LibCrypto.BIO_set_flags(bio, LibCrypto.BioRead | LibCrypto.BioShouldRetry);
        return -1;
    }

    [UnmanagedCallersOnly]
    private static int Write(nint bio, byte* data, int count)
    {
        TlsTransport.Current!.Wire.Append(new ReadOnlySpan<byte>(data, count));
        return count;
    }

    [UnmanagedCallersOnly]
    private static long Control(nint bio, int command, long argument, void* pointer) => command == LibCrypto.BioCtrlFlush ? 1 : 0;
}
