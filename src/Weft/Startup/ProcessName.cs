using System.Text;

namespace Weft.Startup;

/// <summary>What this process was called by (argv[0]): the runtime hides the name of a symbolic link, the kernel keeps it.</summary>
internal static class ProcessName
{
    /// <summary>The file name of argv[0]; <c>weft</c> when it cannot be read.</summary>
    public static string Read()
    {
        try
        {
            var bytes = File.ReadAllBytes("/proc/self/cmdline");
            var end = Array.IndexOf(bytes, (byte)0);
            return Path.GetFileName(Encoding.UTF8.GetString(bytes, 0, end < 0 ? bytes.Length : end));
        }
        catch (IOException)
        {
            return "weft";
        }
    }
}
