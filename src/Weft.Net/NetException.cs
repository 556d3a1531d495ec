using System.Runtime.InteropServices;

namespace Weft.Net;

/// <summary>A system call on a socket failed.</summary>
public sealed class NetException(string operation, int errno) : IOException($"{operation}: {Text(errno)}")
{
    public int Errno => errno;

    /// <summary>The system's words for an errno, for example <c>Address already in use</c>.</summary>
    public static string Text(int errno) => Marshal.GetPInvokeErrorMessage(errno);
}
