using Weft.Proxy.Bootstrap;

namespace Weft.Commands;

/// <summary><c>weft version</c>: the version, in the shape of Envoy's.</summary>
internal static class VersionCommand
{
    public static int Run(TextWriter output, string program)
    {
        output.WriteLine();
        output.WriteLine($"{program}  version: {VersionInfo.Text}");
        output.WriteLine();
        return 0;
    }
}
