using Weft.Base.Logging;
using Weft.Net;

namespace Weft.Proxy.Bootstrap;

/// <summary>Files for scripts that start a proxy: the bound admin address and the base id.</summary>
internal static class AddressFiles
{
    public static void Write(ServerOptions options, NetAddress? adminAddress)
    {
        if (options.AdminAddressPath.Length > 0 && adminAddress is { } address)
            Write(options.AdminAddressPath, address.ToString(), "admin address");
        if (options.BaseIdPath.Length > 0)
            Write(options.BaseIdPath, options.BaseId.ToString(System.Globalization.CultureInfo.InvariantCulture), "base id");
    }

    private static void Write(string path, string text, string what)
    {
        try
        {
            File.WriteAllText(path, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Logger.Get("main").Critical($"cannot open {what} output file {path} for writing: {e.Message}");
        }
    }
}
