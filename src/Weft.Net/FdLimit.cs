using Weft.Net.Native;

namespace Weft.Net;

/// <summary>The process's limit of open descriptors (RLIMIT_NOFILE).</summary>
public static unsafe class FdLimit
{
    /// <summary>Raises the soft limit to the hard one; returns the limit that then holds. Call once at start.</summary>
    public static long RaiseToHardLimit()
    {
        var limits = stackalloc ulong[2];
        if (Libc.getrlimit(Sock.LimitOpenFiles, limits) != 0)
            return 0;
        if (limits[0] < limits[1])
        {
            var soft = limits[0];
            limits[0] = limits[1];
            if (Libc.setrlimit(Sock.LimitOpenFiles, limits) != 0)
                limits[0] = soft;
        }
        return (long)Math.Min(limits[0], long.MaxValue);
    }
}
