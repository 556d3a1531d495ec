using System.Runtime.InteropServices;

namespace Weft.Base;

/// <summary>
/// Unpredictable bytes from the kernel, for seeds and DNS ids. The framework's own generator would bring OpenSSL into every
/// process, some 6 MB for a few bytes. Any thread.
/// </summary>
public static partial class SystemRandom
{
    /// <summary>Fills <paramref name="destination"/>; blocks only before the kernel's pool is ready, early at boot.</summary>
    /// <exception cref="IOException">The kernel refuses, which it does not for up to 256 bytes.</exception>
    public static unsafe void Fill(Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            nint count;
            fixed (byte* start = destination)
                count = getrandom(start, (nuint)Math.Min(destination.Length, 256), 0);
            if (count <= 0)
                throw new IOException($"getrandom: errno {Marshal.GetLastPInvokeError()}");
            destination = destination[(int)count..];
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint getrandom(byte* buffer, nuint length, uint flags);
}
