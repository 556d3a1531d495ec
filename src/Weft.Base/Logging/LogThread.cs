using System.Runtime.InteropServices;

namespace Weft.Base.Logging;

/// <summary>The kernel's id of the calling thread, the one that <c>top -H</c> and <c>/proc</c> show.</summary>
internal static partial class LogThread
{
    [ThreadStatic]
    private static int _id;

    public static int Id => _id != 0 ? _id : _id = Read();

    private static int Read()
    {
        try
        {
            return gettid();
        }
        catch (EntryPointNotFoundException)
        {
            return Environment.CurrentManagedThreadId;
        }
        catch (DllNotFoundException)
        {
            return Environment.CurrentManagedThreadId;
        }
    }

    [LibraryImport("libc")]
    private static partial int gettid();
}
